package alert

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/background"
	"github.com/hookline/hookline/internal/db"
)

// Notifier sends due notifications. Each worker process runs one, and claims the notifications that it sends. When a
// process dies after a claim, the lease expires and another process claims the notification, so each is sent at least
// once and nearly always once.
type Notifier struct {
	*background.Routine

	store  *Store
	sender *Sender
}

const (
	sendEvery = time.Second
	sendBatch = 32
	sendCount = 8 // messages that are sent at a time
	sendLimit = 20 * time.Second
	sendLease = time.Minute
	// recordLimit limits the transaction that records a result. With sendLimit it stays below sendLease, after which
	// another worker may send the notification again.
	recordLimit = 15 * time.Second
)

// retryDelays are the delays before each retry of a notification; after the last one it has failed.
var retryDelays = []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour,
	210 * time.Minute}

// internalDelay is the delay after a failure of ours, such as of the egress proxy.
const internalDelay = 30 * time.Second

// NewNotifier makes a Notifier. Stop waits for messages that are being sent.
func NewNotifier(store *Store, sender *Sender) *Notifier {
	n := &Notifier{store: store, sender: sender}
	n.Routine = background.Every(sendEvery, "sending alerts failed", n.send)
	return n
}

// send sends all due notifications.
func (n *Notifier) send(ctx context.Context) error {
	for ctx.Err() == nil {
		jobs, more, err := n.store.claim(ctx)
		if err != nil {
			return err
		}
		var g errgroup.Group
		g.SetLimit(sendCount)
		for _, j := range jobs {
			g.Go(func() error { return n.deliver(j) })
		}
		if err := g.Wait(); err != nil || !more {
			return err
		}
	}
	return ctx.Err()
}

// deliver does not use the loop's context: a message that is being sent when the process stops is completed.
func (n *Notifier) deliver(j job) error {
	ctx, cancel := context.WithTimeout(context.Background(), sendLimit)
	defer cancel()
	err := n.sender.Send(ctx, j.channel, n.sender.notification(j.alert, j.notification))
	if err != nil {
		slog.Warn("an alert could not be sent", "tenant", j.channel.TenantID, "channel", j.channel.ID, "type",
			j.channel.Type,
			"alert", j.alert.ID, "attempt", j.notification.Attempts, "error", err, "cause", errors.Unwrap(err))
	}
	ctx, cancelRecord := context.WithTimeout(context.Background(), recordLimit)
	defer cancelRecord()
	return n.store.sent(ctx, j.notification, err)
}

// job is a claimed notification with its alert and channel.
type job struct {
	notification Notification
	alert        Alert
	channel      Channel
}

// claim claims due notifications, and fails those that need not be sent any more. more says whether there may be
// others.
func (s *Store) claim(ctx context.Context) (jobs []job, more bool, err error) {
	// Count without a lock first, so that an idle process does not take SQLite's write lock once a second.
	var due int64
	now := db.At(s.now())
	err = s.db.Read(ctx).Model(&Notification{}).Where("next_attempt_at <= ?", now).Limit(1).Count(&due).Error
	if err != nil || due == 0 {
		return nil, false, err
	}
	err = s.db.Tx(ctx, func(tx *gorm.DB) error {
		jobs = nil
		var rows []Notification
		err := s.db.ForUpdateSkipLocked(tx).Where("next_attempt_at <= ?", now).Order("next_attempt_at").
			Limit(sendBatch).Find(&rows).Error
		if err != nil || len(rows) == 0 {
			return err
		}
		more = len(rows) == sendBatch
		return s.take(tx, rows, &jobs)
	})
	return jobs, more, err
}

func (s *Store) take(tx *gorm.DB, rows []Notification, jobs *[]job) error {
	alertIDs, channelIDs := []string{}, []string{}
	for _, n := range rows {
		alertIDs, channelIDs = append(alertIDs, n.AlertID), append(channelIDs, n.ChannelID)
	}
	var alerts []Alert
	if err := tx.Where("id IN ?", alertIDs).Find(&alerts).Error; err != nil {
		return err
	}
	var channels []Channel
	if err := tx.Where("id IN ?", channelIDs).Find(&channels).Error; err != nil {
		return err
	}
	alertByID, channelByID := map[string]Alert{}, map[string]Channel{}
	for _, a := range alerts {
		alertByID[a.ID] = a
	}
	for _, c := range append(channels, s.operators...) {
		channelByID[c.ID] = c
	}
	claimed := []string{}
	for _, n := range rows {
		a, c := alertByID[n.AlertID], channelByID[n.ChannelID]
		if reason := pointless(n, a, c); reason != "" {
			err := tx.Model(&Notification{}).Where("id = ?", n.ID).Updates(map[string]any{"status": Failed,
				"error": reason, "next_attempt_at": nil}).Error
			if err != nil {
				return err
			}
			continue
		}
		n.Attempts++
		claimed = append(claimed, n.ID)
		*jobs = append(*jobs, job{n, a, c})
	}
	if len(claimed) == 0 {
		return nil
	}
	return tx.Model(&Notification{}).Where("id IN ?", claimed).Updates(map[string]any{
		"attempts": gorm.Expr("attempts + 1"), "error": "", "next_attempt_at": db.At(s.now().Add(sendLease)),
	}).Error
}

// pointless says why a notification need not be sent any more; empty when it must.
func pointless(n Notification, a Alert, c Channel) string {
	switch {
	case c.ID == "":
		return "The channel was deleted."
	case !c.Enabled:
		return "The channel was turned off."
	case n.About == Raised && !a.ResolvedAt.IsZero():
		return "The alert was resolved before this could be sent."
	}
	return ""
}

// sent records the result of a notification, unless another process has claimed it since.
func (s *Store) sent(ctx context.Context, n Notification, failure error) error {
	now, claimed := s.now(), n.Attempts
	n.Status, n.Error, n.NextAttemptAt, n.SentAt = Sent, "", db.Time{}, db.At(now)
	if failure != nil {
		n.Status, n.Error, n.SentAt = Pending, failure.Error(), db.Time{}
		switch {
		case ours(failure):
			n.Attempts--
			n.NextAttemptAt = db.At(now.Add(internalDelay))
		case n.Attempts > len(retryDelays) || final(failure):
			n.Status = Failed
		default:
			n.NextAttemptAt = db.At(now.Add(retryDelays[n.Attempts-1]))
		}
	}
	return s.db.Tx(ctx, func(tx *gorm.DB) error {
		return tx.Model(&Notification{}).Where("id = ? AND status = ? AND attempts = ?", n.ID, Pending, claimed).
			Select("status", "error", "attempts", "next_attempt_at", "sent_at").Updates(&n).Error
	})
}
