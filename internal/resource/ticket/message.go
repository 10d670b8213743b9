package ticket

import (
	"time"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/principal"
)

// The events that messages fire.
const (
	Received = "message.received"
	Sent     = "message.sent"
)

// The types of messages. Internal notes are for the people of the tenant: written, and never shown through the API.
const (
	Inbound      = "inbound"
	Outbound     = "outbound"
	InternalNote = "internal_note"
)

// Message is a row of ticket_messages. A body has at least one of its forms.
type Message struct {
	ID          string `gorm:"serializer:msg"`
	TenantID    string `gorm:"serializer:tnt"`
	Environment principal.Environment
	TicketID    string `gorm:"serializer:tkt"`
	Type        string
	Sender      *string
	BodyHTML    *string
	BodyText    *string
	CreatedAt   db.Time
}

// TableName implements GORM's Tabler.
func (Message) TableName() string { return "ticket_messages" }

// eventOf returns the event that a message of a type fires; empty for none.
func eventOf(messageType string) string {
	switch messageType {
	case Inbound:
		return Received
	case Outbound:
		return Sent
	}
	return ""
}

// data is the message of a ticket as the data of its event.
func (m Message) data(t Ticket) map[string]any {
	return map[string]any{
		"id": m.ID, "ticket_id": t.ID, "ticket_number": t.Label(), "inbox_id": t.InboxID, "type": m.Type,
		"from":      text(m.Sender),
		"body_html": text(m.BodyHTML), "body_text": text(m.BodyText),
		"created_at": m.CreatedAt.Format(time.RFC3339Nano),
	}
}
