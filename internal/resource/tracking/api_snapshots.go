package tracking

import (
	"context"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/job"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/wire"
)

// ListSnapshots implements the operation of the contract.
func (a *API) ListSnapshots(ctx context.Context, r api.ListSnapshotsRequestObject) (api.ListSnapshotsResponseObject,
	error) {
	during, err := period(r.Params.From, r.Params.To)
	if err != nil {
		return nil, err
	}
	p := page.New(r.Params.Page, r.Params.PerPage)
	rows, total, err := a.store.Snapshots(ctx, principal.From(ctx).Scope, r.TrackedAccountID, p, during)
	if err != nil {
		return nil, err
	}
	return api.ListSnapshots200JSONResponse{Data: wire.Map(rows, snapshotToWire), Meta: wire.PageMeta(p, total)}, nil
}

// CreateSnapshot implements the operation of the contract.
func (a *API) CreateSnapshot(ctx context.Context, r api.CreateSnapshotRequestObject) (api.CreateSnapshotResponseObject,
	error) {
	c := Counts{FollowerCount: r.Body.FollowerCount, FollowingCount: r.Body.FollowingCount,
		PostsCount: r.Body.PostsCount}
	if r.Body.TrackedAt != nil {
		c.TrackedAt = db.At(*r.Body.TrackedAt)
	}
	made, err := a.store.CreateSnapshot(ctx, principal.From(ctx).Scope, r.TrackedAccountID, c,
		wire.Or(r.Body.FollowerList, false))
	if err != nil {
		return nil, err
	}
	return api.CreateSnapshot201JSONResponse(snapshotToWire(made)), nil
}

// GetSnapshot implements the operation of the contract.
func (a *API) GetSnapshot(ctx context.Context, r api.GetSnapshotRequestObject) (api.GetSnapshotResponseObject, error) {
	found, err := a.store.Snapshot(ctx, principal.From(ctx).Scope, r.SnapshotID)
	if err != nil {
		return nil, err
	}
	return api.GetSnapshot200JSONResponse(snapshotToWire(found)), nil
}

// GetSnapshotJob implements the operation of the contract.
func (a *API) GetSnapshotJob(ctx context.Context, r api.GetSnapshotJobRequestObject) (api.GetSnapshotJobResponseObject,
	error) {
	j, err := a.store.SnapshotJob(ctx, principal.From(ctx).Scope, r.SnapshotID)
	if err != nil {
		return nil, err
	}
	return api.GetSnapshotJob200JSONResponse(job.ToWire(j)), nil
}

// AddFollowers implements the operation of the contract.
func (a *API) AddFollowers(ctx context.Context, r api.AddFollowersRequestObject) (api.AddFollowersResponseObject,
	error) {
	followers := wire.Map(r.Body.Followers, func(f api.Follower) Follower {
		return Follower{UserID: f.UserID, Username: f.Username}
	})
	total, err := a.store.AddFollowers(ctx, principal.From(ctx).Scope, r.SnapshotID, followers)
	if err != nil {
		return nil, err
	}
	return api.AddFollowers200JSONResponse{FollowersReceived: total}, nil
}

// FinishSnapshot implements the operation of the contract.
func (a *API) FinishSnapshot(ctx context.Context, r api.FinishSnapshotRequestObject) (api.FinishSnapshotResponseObject,
	error) {
	finished, err := a.store.Finish(ctx, principal.From(ctx).Scope, r.SnapshotID, r.Body.Followers)
	if err != nil {
		return nil, err
	}
	return api.FinishSnapshot200JSONResponse(snapshotToWire(finished)), nil
}

func snapshotToWire(s Snapshot) api.Snapshot {
	return api.Snapshot{
		ID: s.ID, TrackedAccountID: s.TrackedAccountID, Status: api.SnapshotStatus(s.Status),
		FollowerList:      s.FollowerList,
		FollowersReceived: s.FollowersReceived, FollowerCount: s.FollowerCount, FollowingCount: s.FollowingCount,
		PostsCount: s.PostsCount, TrackedAt: s.TrackedAt.Time, ComparedWith: wire.Null(wire.Text(s.PreviousID)),
		JobID: wire.Null(wire.Text(s.JobID)), CreatedAt: s.CreatedAt.Time,
		FinishedAt: wire.Null(s.FinishedAt.Pointer()),
	}
}
