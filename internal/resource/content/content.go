// Package content has blog posts, social posts, and the agent runs that write them.
//
//	generating ──► draft ──► approved ──► published
//	    └────────► failed
//
// A post is created together with its run, and both change their status in one transaction. The database is the source
// of truth for both: the queue only schedules. The worker that claimed a run last has its lease, as long as it renews
// the deadline; when the lease expires, another worker may claim the run.
package content

import (
	"slices"
	"time"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/generator"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/search"
)

// Status of a post.
type Status string

// The states of a post.
const (
	Generating Status = "generating"
	Draft      Status = "draft"
	Approved   Status = "approved"
	Published  Status = "published"
	Unwritten  Status = "failed"
)

// Post is a row of posts. Texts are empty while nothing is written.
type Post struct {
	ID          id.UUID // see WireID
	TenantID    string  `gorm:"serializer:tnt"`
	Environment principal.Environment
	Kind        generator.Kind
	Status      Status
	Platform    string // only of social posts
	Brief       db.JSON[generator.Brief]
	Title       string
	Excerpt     string
	Body        string
	Tags        db.JSON[[]string]
	Search      string // what lists are searched in, folded
	Generator   string
	RunID       string `gorm:"serializer:run"`
	Reason      string
	Error       string
	CreatedAt   db.Time
	UpdatedAt   db.Time
	ApprovedAt  db.Time
	PublishedAt db.Time
}

// prefixes are those of the TypeIDs of posts, by kind.
var prefixes = map[generator.Kind]string{generator.Blog: id.BlogPost, generator.Social: id.SocialPost}

// WireID returns the post's TypeID, whose prefix follows from its kind.
func (p Post) WireID() string { return p.ID.TypeID(prefixes[p.Kind]) }

func newPost(scope principal.Scope, b generator.Brief, now time.Time) Post {
	p := Post{
		ID: id.NewUUID(), TenantID: scope.TenantID, Environment: scope.Environment, Kind: b.Kind, Status: Generating,
		Platform: b.Platform, Brief: db.JSON[generator.Brief]{V: b}, Tags: db.JSON[[]string]{V: []string{}},
		CreatedAt: db.At(now), UpdatedAt: db.At(now),
	}
	p.Search = p.searched()
	return p
}

func (p Post) scope() principal.Scope {
	return principal.Scope{TenantID: p.TenantID, Environment: p.Environment}
}

// searched is the topic, and the headline of a blog post or the text of a social one.
func (p Post) searched() string {
	text := p.Title
	if p.Kind == generator.Social {
		text = p.Body
	}
	return search.Fold(p.Brief.V.Topic + "\n" + text)
}

// written returns the post with its text.
func (p Post) written(r generator.Result, now time.Time) Post {
	p.Status, p.Generator, p.UpdatedAt = Draft, r.Generator, db.At(now)
	p.Title, p.Excerpt, p.Body, p.Tags.V = r.Title, r.Excerpt, r.Body, slices.Clone(r.Tags)
	p.Search = p.searched()
	return p
}

// unwritten returns the post after its run failed.
func (p Post) unwritten(reason, text string, now time.Time) Post {
	p.Status, p.Reason, p.Error, p.UpdatedAt = Unwritten, reason, text, db.At(now)
	return p
}

// before maps each status to the one that a post must have before.
var before = map[Status]Status{Approved: Draft, Published: Approved}

// allowed describes, for error messages, what can be done with a post in a status.
var allowed = map[Status]string{
	Generating: "is still being written: wait for its agent run",
	Draft:      "is a draft: approve it first",
	Approved:   "is approved: it can be published",
	Published:  "is published already: nothing is left to do",
	Unwritten:  "could not be written: generate another",
}

// step returns the post in its next status, or a conflict.
func (p Post) step(to Status, now time.Time) (Post, error) {
	if p.Status != before[to] {
		noun := "a draft"
		if before[to] == Approved {
			noun = "an approved post"
		}
		return p, problem.New(problem.Conflict, "Only %s can be %s; this post %s.", noun, to, allowed[p.Status])
	}
	p.Status, p.UpdatedAt = to, db.At(now)
	if to == Approved {
		p.ApprovedAt = p.UpdatedAt
	} else {
		p.PublishedAt = p.UpdatedAt
	}
	return p, nil
}

// event returns the type of a post's event, such as blog.approved.
func (p Post) event(what string) string { return string(p.Kind) + "." + what }
