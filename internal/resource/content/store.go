package content

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/credit"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/generator"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/search"
)

type refunder interface {
	Refund(ctx context.Context, tenantID, chargeID, reason string) (credit.Entry, error)
}

// Store stores posts and runs.
type Store struct {
	db      *db.DB
	outbox  *event.Outbox
	credits refunder
	now     clock.Clock
	created chan string // ids of new runs, for the Schedule
}

// NewStore makes a Store.
func NewStore(database *db.DB, outbox *event.Outbox, credits refunder, now clock.Clock) *Store {
	return &Store{db: database, outbox: outbox, credits: credits, now: now, created: make(chan string, 1024)}
}

// Filter narrows a list of posts; zero fields are ignored.
type Filter struct {
	Status, Platform string
	Text             string    // somewhere in the topic or what was written, in whatever case
	From, To         time.Time // when it was created, To excluded
}

// literal escapes a text for LIKE.
var literal = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

func (f Filter) narrow(q *gorm.DB) *gorm.DB {
	q = db.WhereOptional(q, map[string]string{"status": f.Status, "platform": f.Platform})
	if f.Text != "" {
		q = q.Where(`search LIKE ? ESCAPE '\'`, "%"+literal.Replace(search.Fold(f.Text))+"%")
	}
	return db.WhereTimeRange(q, "created_at", f.From, f.To)
}

// List returns one page of posts of a kind, newest first, and how many there are.
func (s *Store) List(ctx context.Context, scope principal.Scope, kind generator.Kind, p page.Page, f Filter) ([]Post,
	int64, error) {
	return db.Paginate[Post](f.narrow(db.Scope(s.db.Read(ctx), scope).Where("kind = ?", kind)), p)
}

// Get returns a post of a kind.
func (s *Store) Get(ctx context.Context, scope principal.Scope, kind generator.Kind, postID string) (Post, error) {
	return takePost(db.Scope(s.db.Read(ctx), scope), kind, postID)
}

func takePost(q *gorm.DB, kind generator.Kind, postID string) (Post, error) {
	noun := string(kind) + " post"
	u, err := id.ParseAs(prefixes[kind], postID)
	if err != nil {
		return Post{}, problem.Missing(noun)
	}
	return db.One[Post](q.Where("id = ? AND kind = ?", u, kind), noun)
}

// Step changes a post's status to Approved or Published and fires the event. Of two concurrent calls one gets a
// conflict.
func (s *Store) Step(ctx context.Context, scope principal.Scope, kind generator.Kind, postID string, to Status) (Post,
	error) {
	var p Post
	err := s.outbox.Tx(ctx, func(tx *event.Tx) error {
		var err error
		if p, err = takePost(s.db.ForUpdate(db.Scope(tx.DB, scope)), kind, postID); err != nil {
			return err
		}
		if p, err = p.step(to, s.now()); err != nil {
			return err
		}
		if err := savePost(tx.DB, p); err != nil {
			return err
		}
		return tx.Emit(scope, p.event(string(to)), toWire(p))
	})
	return p, err
}

// savePost updates the columns of a post that change.
func savePost(tx *gorm.DB, p Post) error {
	return db.Scope(tx.Model(&Post{}), p.scope()).Where("id = ?", p.ID).
		Select("status", "title", "excerpt", "body", "tags", "search", "generator", "reason", "error", "updated_at",
			"approved_at", "published_at").
		Updates(&p).Error
}
