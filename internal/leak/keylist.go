package leak

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/egress"
)

const (
	// fetchTimeout bounds the fetch of the list: GitHub waits up to 30 s for the response to a report.
	fetchTimeout = 5 * time.Second
	// refreshAfter is the age at which the list is fetched again.
	refreshAfter = time.Hour
	// trustFor is how long a list stays valid while fetching fails: a key that GitHub withdrew must expire.
	trustFor = 24 * time.Hour
	// unknownEvery limits fetches for unknown identifiers, which anybody can send: GitHub allows 60 requests an hour
	// without a token. A new key is in the list long before it signs.
	unknownEvery = 5 * time.Minute
	// retryEvery is the wait after a failed fetch.
	retryEvery = 30 * time.Second
)

var (
	errUnknownKey = errors.New("leak: no such public key")
	errNoList     = errors.New("leak: the public keys can't be fetched")
)

// Source is the source of the list.
type Source struct {
	URL   string // empty switches secret scanning off
	Token string // a GitHub token, which raises GitHub's limit on requests; may be empty
	Agent string // the User-Agent, which GitHub requires
}

type fetcher interface {
	Do(ctx context.Context, r egress.Request) (*egress.Response, error)
}

// KeyList fetches GitHub's public keys when needed and caches them. It is safe for concurrent use.
type KeyList struct {
	client fetcher
	source Source
	now    clock.Clock
	turn   chan struct{} // a semaphore of one fetch

	mu      sync.Mutex
	keys    publicKeys
	fetched time.Time // when keys was fetched
	tried   time.Time // when the last attempt ended
	failed  bool      // whether it failed
}

// NewKeyList makes a KeyList. Nothing is fetched before the first report.
func NewKeyList(client fetcher, source Source, now clock.Clock) *KeyList {
	return &KeyList{client: client, source: source, now: now, turn: make(chan struct{}, 1)}
}

func (l *KeyList) on() bool { return l.source.URL != "" }

// find returns a public key. It fails with errUnknownKey when a current list does not have it, and with errNoList
// without a current list.
func (l *KeyList) find(ctx context.Context, identifier string) (*ecdsa.PublicKey, error) {
	if l.due(identifier) {
		select {
		case l.turn <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		defer func() { <-l.turn }()
		if l.due(identifier) { // no other caller fetched it meanwhile
			l.fetch(ctx)
		}
	}
	return l.remembered(identifier)
}

func (l *KeyList) due(identifier string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, pause := l.now(), unknownEvery
	if l.failed {
		pause = retryEvery
	}
	if now.Sub(l.tried) < pause {
		return false
	}
	return l.keys[identifier] == nil || now.Sub(l.fetched) >= refreshAfter
}

func (l *KeyList) remembered(identifier string) (*ecdsa.PublicKey, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := l.keys[identifier]
	switch {
	case l.keys == nil || l.now().Sub(l.fetched) >= trustFor:
		return nil, errNoList
	case key != nil:
		return key, nil
	case l.failed:
		return nil, errNoList
	}
	return nil, errUnknownKey
}

// fetch replaces the list; when that fails the old one stays.
func (l *KeyList) fetch(ctx context.Context) {
	keys, err := l.get(ctx)
	if err != nil {
		slog.Warn("the public keys of secret scanning can't be fetched; check HOOKLINE_SECRET_SCANNING_KEYS_URL",
			"error", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tried, l.failed = l.now(), err != nil
	if err == nil {
		l.keys, l.fetched = keys, l.tried
	}
}

func (l *KeyList) get(ctx context.Context) (publicKeys, error) {
	// A reporter that disconnects must not fail the fetch, or strangers could block it for retryEvery again and again.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTimeout)
	defer cancel()
	header := http.Header{"Accept": {"application/json"}, "User-Agent": {l.source.Agent}}
	if l.source.Token != "" {
		header.Set("Authorization", "Bearer "+l.source.Token)
	}
	answer, err := l.client.Do(ctx, egress.Request{Method: http.MethodGet, URL: l.source.URL, Header: header})
	switch {
	case err != nil:
		return nil, err
	case answer.Status != http.StatusOK:
		return nil, fmt.Errorf("leak: the list was answered with %d", answer.Status)
	case answer.Truncated:
		return nil, fmt.Errorf("leak: the list is larger than %d bytes", len(answer.Body))
	}
	return parseKeys(answer.Body)
}
