package mcp

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/id"
)

const (
	listMost = 50   // rows of a list, so that an agent's context is not filled with them
	pageMost = 5    // passages of the docs
	textMost = 1500 // bytes of each
)

// Ids become a part of a path, so others are refused here.
var (
	errEndpointID = errors.New("that is no id of an endpoint: it looks like whe_…")
	errDeliveryID = errors.New("that is no id of a delivery: it looks like dlv_…")
)

type tools struct {
	api  API
	docs Docs
	now  func() time.Time
}

func (t tools) register(s *sdk.Server) {
	reads := &sdk.ToolAnnotations{ReadOnlyHint: true, OpenWorldHint: new(false)}
	if t.docs != nil {
		sdk.AddTool(s, &sdk.Tool{Name: "search_docs", Annotations: reads,
			Description: "Search Hookline's guides and API reference."}, t.searchDocs)
	}
	sdk.AddTool(s, &sdk.Tool{Name: "health", Annotations: reads,
		Description: "List the endpoints that need attention, the worst first: why they fail, since when, how many " +
			"deliveries wait, and the latest delivery that failed."}, t.health)
	sdk.AddTool(s, &sdk.Tool{Name: "list_endpoints", Annotations: reads,
		Description: "List webhook endpoints with their state."}, t.listEndpoints)
	sdk.AddTool(s, &sdk.Tool{Name: "get_endpoint", Annotations: reads,
		Description: "Read an endpoint's settings. Values of its own headers are masked."}, t.getEndpoint)
	sdk.AddTool(s, &sdk.Tool{Name: "list_deliveries", Annotations: reads,
		Description: "List deliveries, newest first."}, t.listDeliveries)
	sdk.AddTool(s, &sdk.Tool{Name: "list_dead_letters", Annotations: reads,
		Description: "List deliveries that used up their attempts, newest first."}, t.listDeadLetters)
	sdk.AddTool(s, &sdk.Tool{Name: "explain_delivery", Annotations: reads,
		Description: "Explain what happened to a delivery: its attempts, what it waits for, the likely cause and " +
			"what helps."}, t.explainDelivery)
	sdk.AddTool(s, &sdk.Tool{Name: "replay_delivery", Annotations: &sdk.ToolAnnotations{DestructiveHint: new(false),
		OpenWorldHint: new(true)},
		Description: "Send a delivery again, with the same bytes, after the user agreed. It must be over: succeeded, " +
			"dead or cancelled."}, t.replayDelivery)
}

type searchInput struct {
	Query string `json:"query" jsonschema:"a few words, such as: verify signature php"`
}

type searchOutput struct {
	Pages []Page `json:"pages"`
}

func (t tools) searchDocs(_ context.Context, _ *sdk.CallToolRequest, in searchInput) (*sdk.CallToolResult,
	searchOutput, error) {
	pages, err := t.docs(in.Query, pageMost)
	for i, p := range pages {
		pages[i].Text = strings.ToValidUTF8(p.Text[:min(len(p.Text), textMost)], "")
	}
	if pages == nil {
		pages = []Page{}
	}
	return nil, searchOutput{pages}, err
}

// read answers a tool with what the API answers.
func read[T any](ctx context.Context, t tools, path string, query url.Values) (*sdk.CallToolResult, T, error) {
	var out T
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	err := t.api.Call(ctx, http.MethodGet, "/api/v1"+path, nil, &out)
	return nil, out, err
}

func (t tools) health(ctx context.Context, _ *sdk.CallToolRequest, _ struct{}) (*sdk.CallToolResult, any, error) {
	return read[any](ctx, t, "/webhooks/health", nil)
}

type endpointsInput struct {
	Search string `json:"search,omitempty" jsonschema:"a part of the name or the URL"`
	State  string `json:"state,omitempty" jsonschema:"enabled, disabled, failing or throttled; all by default"`
	Page   int    `json:"page,omitempty" jsonschema:"from 1"`
}

func (t tools) listEndpoints(ctx context.Context, _ *sdk.CallToolRequest, in endpointsInput) (*sdk.CallToolResult, any,
	error) {
	q := url.Values{"per_page": {strconv.Itoa(listMost)}}
	set(q, "search", in.Search)
	set(q, "state", in.State)
	if in.Page > 0 {
		q.Set("page", strconv.Itoa(in.Page))
	}
	return read[any](ctx, t, "/webhooks", q)
}

type endpointInput struct {
	ID string `json:"id" jsonschema:"id of the endpoint, whe_…"`
}

func (t tools) getEndpoint(ctx context.Context, _ *sdk.CallToolRequest, in endpointInput) (*sdk.CallToolResult, any,
	error) {
	if _, err := id.ParseAs(id.Endpoint, in.ID); err != nil {
		return nil, nil, errEndpointID
	}
	return read[any](ctx, t, "/webhooks/"+in.ID, nil)
}

// logInput are the parameters that the lists of deliveries and of dead letters share.
type logInput struct {
	EndpointID string `json:"endpoint_id,omitempty" jsonschema:"only of this endpoint, whe_…"`
	EventType  string `json:"event_type,omitempty" jsonschema:"only events of this type, such as lead.created"`
	HTTPClass  string `json:"http_class,omitempty" jsonschema:"class of the latest response: 2xx, 3xx, 4xx, 5xx or none"`
	Limit      int    `json:"limit,omitempty" jsonschema:"at most 50; 20 by default"`
	Cursor     string `json:"cursor,omitempty" jsonschema:"next_cursor of the page before"`
}

func (in logInput) query() url.Values {
	q := url.Values{}
	set(q, "webhook_id", in.EndpointID)
	set(q, "event_type", in.EventType)
	set(q, "http_class", in.HTTPClass)
	set(q, "cursor", in.Cursor)
	limit := in.Limit
	if limit <= 0 {
		limit = 20
	}
	q.Set("limit", strconv.Itoa(min(limit, listMost)))
	return q
}

type deliveriesInput struct {
	logInput

	Status  string `json:"status,omitempty" jsonschema:"pending, delivering, retrying, succeeded, dead or cancelled"`
	EventID string `json:"event_id,omitempty" jsonschema:"only deliveries of this event, evt_…"`
	From    string `json:"from,omitempty" jsonschema:"created at or after this time, RFC 3339"`
	To      string `json:"to,omitempty" jsonschema:"created before this time, RFC 3339"`
}

func (t tools) listDeliveries(ctx context.Context, _ *sdk.CallToolRequest, in deliveriesInput) (*sdk.CallToolResult,
	any, error) {
	q := in.query()
	set(q, "status", in.Status)
	set(q, "event_id", in.EventID)
	set(q, "from", in.From)
	set(q, "to", in.To)
	return read[any](ctx, t, "/webhooks/deliveries", q)
}

type deadInput struct {
	logInput

	From string `json:"from,omitempty" jsonschema:"dead at or after this time, RFC 3339"`
	To   string `json:"to,omitempty" jsonschema:"dead before this time, RFC 3339"`
}

func (t tools) listDeadLetters(ctx context.Context, _ *sdk.CallToolRequest, in deadInput) (*sdk.CallToolResult, any,
	error) {
	q := in.query()
	set(q, "died_from", in.From)
	set(q, "died_to", in.To)
	return read[any](ctx, t, "/dead-letters", q)
}

func set(q url.Values, name, value string) {
	if value != "" {
		q.Set(name, value)
	}
}

type deliveryInput struct {
	ID string `json:"id" jsonschema:"id of the delivery, dlv_…"`
}

// delivery reads a delivery and its endpoint; the endpoint is nil when it is deleted or the key may not read it.
func (t tools) delivery(ctx context.Context, deliveryID string) (d gen.DeliveryDetail, e *gen.Webhook, err error) {
	if _, err := id.ParseAs(id.Delivery, deliveryID); err != nil {
		return d, nil, errDeliveryID
	}
	if err := t.api.Call(ctx, http.MethodGet, "/api/v1/deliveries/"+deliveryID, nil, &d); err != nil {
		return d, nil, err
	}
	var found gen.Webhook
	if t.api.Call(ctx, http.MethodGet, "/api/v1/webhooks/"+d.WebhookID, nil, &found) == nil {
		e = &found
	}
	return d, e, nil
}

func (t tools) explainDelivery(ctx context.Context, _ *sdk.CallToolRequest, in deliveryInput) (*sdk.CallToolResult,
	Explanation, error) {
	d, e, err := t.delivery(ctx, in.ID)
	if err != nil {
		return nil, Explanation{}, err
	}
	return nil, explain(d, e, t.now()), nil
}
