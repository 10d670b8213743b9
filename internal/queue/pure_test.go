package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"pgregory.net/rapid"

	"github.com/hookline/hookline/internal/id"
)

// shape describes the connection that a URL makes.
func shape(t *testing.T, c redis.UniversalClient) string {
	t.Helper()
	switch c := c.(type) {
	case *redis.Client:
		o := c.Options()
		return fmt.Sprintf("single %s db %d user %q password %q TLS %t", o.Addr, o.DB, o.Username, o.Password,
			o.TLSConfig != nil)
	case *redis.ClusterClient:
		o := c.Options()
		slices.Sort(o.Addrs)
		return fmt.Sprintf("cluster %v password %q TLS %t", o.Addrs, o.Password, o.TLSConfig != nil)
	}
	t.Fatalf("client: got %T, want another type", c)
	return ""
}

func TestEachFormOfTheURLMakesItsKindOfConnection(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"redis://h:6379":        `single h:6379 db 0 user "" password "" TLS false`,
		"redis://h":             `single h:6379 db 0 user "" password "" TLS false`,
		"redis://u:p@h:7000/3":  `single h:7000 db 3 user "u" password "p" TLS false`,
		"rediss://:p%40@h/1":    `single h:6379 db 1 user "" password "p@" TLS true`,
		"redis://[::1]:6380/15": `single [::1]:6380 db 15 user "" password "" TLS false`,
		// go-redis calls every connection that Sentinel finds so. The user part is for Sentinel, the query for Redis.
		"redis-sentinel://s1:26379/2?master_name=m&addr=s2:26379": `single FailoverClient db 2 user "" password "" TLS false`,
		"rediss-sentinel://:s@s1:26379?master_name=m&password=p":  `single FailoverClient db 0 user "" password "p" TLS true`,
		"redis-cluster://:p@c1:6379?addr=c2:6379&addr=c3:6380":    `cluster [c1:6379 c2:6379 c3:6380] password "p" TLS false`,
		"rediss-cluster://c1:6379":                                `cluster [c1:6379] password "" TLS true`,
		"redis-cluster://c1:6379/0":                               `cluster [c1:6379] password "" TLS false`,
	} {
		client, _, err := parse(url, false)
		if err != nil {
			t.Errorf("%s: got %v, want no error", url, err)
			continue
		}
		if got := shape(t, client); got != want {
			t.Errorf("%s: the connection is %s, want %s", url, got, want)
		}
		_ = client.Close()
	}
}

func TestAURLOfSomethingElseIsRefused(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"", "redis", "redis:", "localhost:6379", "redis:/h:6379", "http://h:6379", "postgres://h", "REDIS://h",
		"valkey://h",
		"redis-what://h", "redis-sentinel-x://h?master_name=m", "redis-sentinel://h:26379",
		"redis-sentinel://h:26379?master_name=",
		"://h", "-sentinel://h?master_name=m", "redis://h:port", "redis://h/db", "redis://h/1/2",
		"redis://h?nonsense=1",
		"redis-cluster://h?nonsense=1", "redis://%zz", "redis-cluster://h/3", "rediss-cluster://h/x",
		"redis-cluster://h?db=3",
	} {
		if client, _, err := parse(url, false); err == nil {
			t.Errorf("%q makes %s, want an error", url, shape(t, client))
			_ = client.Close()
		} else if r, err := Open(url); err == nil || r != nil {
			t.Errorf("%q was opened, want an error", url)
		}
	}
}

func TestTheDelayIsNeverShorterThanAskedForAndLessThanASecondLonger(t *testing.T) {
	t.Parallel()
	for after, want := range map[time.Duration]time.Duration{
		-time.Hour: 0, -1: 0, 0: 0, 1: time.Second, time.Second - 1: time.Second, time.Second: time.Second,
		time.Second + 1: 2 * time.Second, 90 * time.Second: 90 * time.Second, 24*time.Hour + 1: 24*time.Hour +
			time.Second,
	} {
		if got := retryDelay(&Later{After: after}); got != want {
			t.Errorf("the delay for %s is %s, want %s", after, got, want)
		}
		if got := retryDelay(fmt.Errorf("wrapped: %w", &Later{After: after})); got != want {
			t.Errorf("wrapped: the delay for %s is %s, want %s", after, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		after := time.Duration(rapid.Int64Range(0, int64(30*24*time.Hour)).Draw(t, "after"))
		got := retryDelay(&Later{After: after})
		if got < after || got-after >= time.Second || got%time.Second != 0 {
			t.Fatalf("the delay for %s is %s, want whole seconds and less than one more", after, got)
		}
	})
	for _, fault := range []error{errors.New("the database is away"), context.DeadlineExceeded, asynq.ErrLeaseExpired} {
		if got := retryDelay(fault); got != 2*time.Second {
			t.Errorf("%v: the delay is %s, want 2s", fault, got)
		}
	}
}

func TestOnlyInternalErrorsAndDeadLettersCountAsFailures(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want bool
	}{
		{&Later{After: time.Minute}, false},
		{&Later{}, false},
		{fmt.Errorf("wrapped: %w", &Later{}), false},
		{asynq.ErrLeaseExpired, false},
		{context.DeadlineExceeded, false},
		{errors.Join(errors.New("x"), context.DeadlineExceeded), false},
		{errors.New("the database is away"), true},
		{context.Canceled, true},
		{Dead("exhausted"), true}, // operators see dead letters in Asynq's failure counts
	} {
		if got := isFailure(c.err); got != c.want {
			t.Errorf("%v: a failure: %t, want %t", c.err, got, c.want)
		}
	}
}

func TestADeadLetterIsRecognizedByItsMessage(t *testing.T) {
	t.Parallel()
	if err := Dead("The endpoint answered 500."); !errors.Is(err, asynq.SkipRetry) || !isDeadMessage(err.Error()) {
		t.Errorf("Dead returns %v, want a dead letter that skips retries", err)
	}
	for _, message := range []string{"", "The endpoint answered 500.", "asynq: task lease expired",
		"not a dead letter: x"} {
		if isDeadMessage(message) {
			t.Errorf("%q: got it taken for a dead letter, want not", message)
		}
	}
}

func TestAnUnknownTaskIsRevokedAndNotRetried(t *testing.T) {
	t.Parallel()
	var got []Task
	h := adapt(func(_ context.Context, task Task) error { got = append(got, task); return nil })
	for _, task := range []*asynq.Task{asynq.NewTask(TaskType, []byte("{")), asynq.NewTask(TaskType, nil),
		asynq.NewTask(TaskType, []byte("{}")), asynq.NewTask(TaskType, []byte(`{"deliveries":["dlv_1"]}`)),
		asynq.NewTask(TaskType, []byte(`{"events":["evt_1"]}`)),
		asynq.NewTask("other", []byte(`{"deliveries":["`+id.New(id.Delivery)+`"]}`))} {
		if err := h.ProcessTask(t.Context(), task); !errors.Is(err, asynq.RevokeTask) ||
			errors.Is(err, asynq.SkipRetry) {
			t.Errorf("%s %s: got %v, want RevokeTask", task.Type(), task.Payload(), err)
		}
	}
	if len(got) != 0 {
		t.Errorf("the handler got %+v, want nothing", got)
	}
}

func TestATaskCarriesEventsOrDeliveries(t *testing.T) {
	t.Parallel()
	events, deliveries := []id.UUID{id.NewUUID(), id.NewUUID()}, []id.UUID{id.NewUUID()}
	for _, c := range []struct {
		p    payload
		want Task
	}{
		{payload{Events: id.TypeIDs(id.Event, events), Committed: 1_000, Enqueued: 2_500},
			Task{Events: events, Committed: time.UnixMilli(1_000), Enqueued: time.UnixMilli(2_500)}},
		{payload{Deliveries: id.TypeIDs(id.Delivery, deliveries)}, Task{Deliveries: deliveries}},
	} {
		body, err := json.Marshal(c.p)
		if err != nil {
			t.Fatal(err)
		}
		var got []Task
		h := adapt(func(_ context.Context, task Task) error { got = append(got, task); return nil })
		if err := h.ProcessTask(t.Context(), asynq.NewTask(TaskType, body)); err != nil || len(got) != 1 ||
			!slices.Equal(got[0].Events, c.want.Events) || !slices.Equal(got[0].Deliveries, c.want.Deliveries) ||
			(len(c.want.Events) > 0 && (!got[0].Committed.Equal(c.want.Committed) ||
				!got[0].Enqueued.Equal(c.want.Enqueued))) {
			t.Errorf("%s: the handler got %+v, %v, want %+v once", body, got, err, c.want)
		}
	}
}
