package deliverylog

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
)

// Detail is a delivery with its attempts in order, and the body that is sent.
type Detail struct {
	Delivery    delivery.Delivery
	Attempts    []delivery.Attempt
	Body        []byte
	ContentType string
}

// Get returns a delivery of the tenant, also one that is planned and has no row yet.
func (s *Store) Get(ctx context.Context, scope principal.Scope, deliveryID string) (Detail, error) {
	if err := scope.Check(); err != nil {
		return Detail{}, err
	}
	u, err := id.ParseAs(id.Delivery, deliveryID)
	if err != nil {
		return Detail{}, problem.Missing("delivery")
	}
	d, err := db.One[delivery.Delivery](db.Scope(s.db.Read(ctx), scope).Where("id = ?", u), "delivery")
	if missing(err) {
		d, err = s.findPlanned(ctx, scope, u)
	}
	if err != nil {
		return Detail{}, err
	}
	own, err := s.endpoints.OwnOf(s.db.Read(ctx), scope)
	if err != nil {
		return Detail{}, err
	}
	if !own.Has(d.EndpointID) {
		return Detail{}, problem.Missing("delivery")
	}
	one := []delivery.Delivery{d}
	if err := s.tellWhen(s.db.Read(ctx), one); err != nil {
		return Detail{}, err
	}
	return ReadDetail(s.db.Read(ctx), one[0])
}

// ReadDetail adds to a delivery what Detail has.
func ReadDetail(q *gorm.DB, d delivery.Delivery) (Detail, error) {
	out := Detail{Delivery: d}
	var err error
	out.Attempts, err = Attempts(q, d.ID)
	if d.TestBody != nil && len(out.Attempts) > 0 {
		out.Body, out.ContentType = []byte(*d.TestBody), out.Attempts[0].RequestHeaders.V["Content-Type"]
	} else if err == nil {
		out.Body, out.ContentType, err = Body(q, d)
	}
	return out, err
}

// Attempts returns the attempts of a delivery in order. The caller has checked who may see the delivery.
func Attempts(q *gorm.DB, deliveryID string) ([]delivery.Attempt, error) {
	var out []delivery.Attempt
	err := db.WhereID(q, "delivery_id", deliveryID).Order("number").Find(&out).Error
	return out, err
}

// Body renders the body of a delivery and returns its content type: what was sent, or what would be sent now. It is
// empty when the event isn't kept any more.
func Body(q *gorm.DB, d delivery.Delivery) (body []byte, contentType string, err error) {
	var e event.Event
	err = db.WhereID(db.Scope(q, d.Scope()), "id", d.EventID).Take(&e).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	form := d.Form
	if form == "" {
		var to endpoint.Endpoint
		err := db.Scope(q, d.Scope()).Where("id = ?", d.EndpointID).Take(&to).Error
		if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
			return nil, "", err
		}
		form = delivery.FormOf(to)
	}
	return delivery.Render(form, e)
}
