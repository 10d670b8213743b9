package content

import (
	"context"
	"strings"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/generator"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/wire"
)

// API serves the operations on posts and agent runs.
type API struct{ store *Store }

// NewAPI makes the API.
func NewAPI(store *Store) *API { return &API{store: store} }

// ListBlogPosts implements the operation of the contract.
func (a *API) ListBlogPosts(ctx context.Context, r api.ListBlogPostsRequestObject) (api.ListBlogPostsResponseObject,
	error) {
	p := page.New(r.Params.Page, r.Params.PerPage)
	f := Filter{Status: string(wire.Or(r.Params.Status, "")), Text: wire.Or(r.Params.Q, "")}
	var wrong []problem.Detail
	if f.From, f.To, wrong = wire.Span("created_to", r.Params.CreatedFrom, r.Params.CreatedTo); len(wrong) > 0 {
		return nil, problem.Invalid(wrong...)
	}
	rows, total, err := a.store.List(ctx, principal.From(ctx).Scope, generator.Blog, p, f)
	return api.ListBlogPosts200JSONResponse{Data: wire.Map(rows, blogToWire), Meta: wire.PageMeta(p, total)}, err
}

// ListSocialPosts implements the operation of the contract.
func (a *API) ListSocialPosts(ctx context.Context,
	r api.ListSocialPostsRequestObject) (api.ListSocialPostsResponseObject, error) {
	p := page.New(r.Params.Page, r.Params.PerPage)
	f := Filter{Status: string(wire.Or(r.Params.Status, "")), Platform: string(wire.Or(r.Params.Platform, "")),
		Text: wire.Or(r.Params.Q, "")}
	var wrong []problem.Detail
	if f.From, f.To, wrong = wire.Span("created_to", r.Params.CreatedFrom, r.Params.CreatedTo); len(wrong) > 0 {
		return nil, problem.Invalid(wrong...)
	}
	rows, total, err := a.store.List(ctx, principal.From(ctx).Scope, generator.Social, p, f)
	return api.ListSocialPosts200JSONResponse{Data: wire.Map(rows, socialToWire), Meta: wire.PageMeta(p, total)}, err
}

// GenerateBlogPost implements the operation of the contract.
func (a *API) GenerateBlogPost(ctx context.Context,
	r api.GenerateBlogPostRequestObject) (api.GenerateBlogPostResponseObject, error) {
	run, err := a.generate(ctx, fromBlogBrief(*r.Body))
	return api.GenerateBlogPost202JSONResponse(runToWire(run)), err
}

// GenerateSocialPost implements the operation of the contract.
func (a *API) GenerateSocialPost(ctx context.Context,
	r api.GenerateSocialPostRequestObject) (api.GenerateSocialPostResponseObject, error) {
	run, err := a.generate(ctx, fromSocialBrief(*r.Body))
	return api.GenerateSocialPost202JSONResponse(runToWire(run)), err
}

func (a *API) generate(ctx context.Context, b generator.Brief) (Run, error) {
	if strings.TrimSpace(b.Topic) == "" {
		return Run{}, problem.Invalid(problem.Detail{Field: "topic", Message: "must not be empty"})
	}
	return a.store.Generate(ctx, principal.From(ctx).Scope, b)
}

// GetBlogPost implements the operation of the contract.
func (a *API) GetBlogPost(ctx context.Context, r api.GetBlogPostRequestObject) (api.GetBlogPostResponseObject, error) {
	p, err := a.store.Get(ctx, principal.From(ctx).Scope, generator.Blog, r.BlogPostID)
	return api.GetBlogPost200JSONResponse(blogToWire(p)), err
}

// GetSocialPost implements the operation of the contract.
func (a *API) GetSocialPost(ctx context.Context, r api.GetSocialPostRequestObject) (api.GetSocialPostResponseObject,
	error) {
	p, err := a.store.Get(ctx, principal.From(ctx).Scope, generator.Social, r.SocialPostID)
	return api.GetSocialPost200JSONResponse(socialToWire(p)), err
}

// ApproveBlogPost implements the operation of the contract.
func (a *API) ApproveBlogPost(ctx context.Context,
	r api.ApproveBlogPostRequestObject) (api.ApproveBlogPostResponseObject, error) {
	p, err := a.store.Step(ctx, principal.From(ctx).Scope, generator.Blog, r.BlogPostID, Approved)
	return api.ApproveBlogPost200JSONResponse(blogToWire(p)), err
}

// ApproveSocialPost implements the operation of the contract.
func (a *API) ApproveSocialPost(ctx context.Context,
	r api.ApproveSocialPostRequestObject) (api.ApproveSocialPostResponseObject, error) {
	p, err := a.store.Step(ctx, principal.From(ctx).Scope, generator.Social, r.SocialPostID, Approved)
	return api.ApproveSocialPost200JSONResponse(socialToWire(p)), err
}

// PublishBlogPost implements the operation of the contract.
func (a *API) PublishBlogPost(ctx context.Context,
	r api.PublishBlogPostRequestObject) (api.PublishBlogPostResponseObject, error) {
	p, err := a.store.Step(ctx, principal.From(ctx).Scope, generator.Blog, r.BlogPostID, Published)
	return api.PublishBlogPost200JSONResponse(blogToWire(p)), err
}

// PublishSocialPost implements the operation of the contract.
func (a *API) PublishSocialPost(ctx context.Context,
	r api.PublishSocialPostRequestObject) (api.PublishSocialPostResponseObject, error) {
	p, err := a.store.Step(ctx, principal.From(ctx).Scope, generator.Social, r.SocialPostID, Published)
	return api.PublishSocialPost200JSONResponse(socialToWire(p)), err
}

// GetAgentRun implements the operation of the contract.
func (a *API) GetAgentRun(ctx context.Context, r api.GetAgentRunRequestObject) (api.GetAgentRunResponseObject, error) {
	run, err := a.store.Run(ctx, principal.From(ctx).Scope, r.AgentRunID)
	return api.GetAgentRun200JSONResponse(runToWire(run)), err
}

// CancelAgentRun implements the operation of the contract.
func (a *API) CancelAgentRun(ctx context.Context, r api.CancelAgentRunRequestObject) (api.CancelAgentRunResponseObject,
	error) {
	run, err := a.store.Cancel(ctx, principal.From(ctx).Scope, r.AgentRunID)
	return api.CancelAgentRun200JSONResponse(runToWire(run)), err
}
