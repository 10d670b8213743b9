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
	// fetchTimeout keeps a report, for which GitHub waits up to 30 s, from hanging on a list that doesn't come.
	fetchTimeout = 5 * time.Second
	// refreshAfter is how old a list may get before it is fetched again.
	refreshAfter = time.Hour
	// trustFor is how long a list is used that can't be fetched again: a key that GitHub withdrew must end some day.
	trustFor = 24 * time.Hour
	// unknownEvery is how often an unknown identifier makes us look for a newer list: anybody can send one. GitHub lets
	// 60 requests in an hour through without a token. A new key is in the list long before it signs.
	unknownEvery = 5 * time.Minute
	// retryEvery is how often a list that could not be fetched is tried again.
	retryEvery = 30 * time.Second
)

var (
	errUnknownKey = errors.New("leak: no such public key")
	errNoList     = errors.New("leak: the public keys can't be fetched")
)

// Source is where the list comes from.
type Source struct {
	URL   string // empty switches secret scanning off
	Token string // a GitHub token, which raises GitHub's limit on requests; may be empty
	Agent string // the User-Agent, without which GitHub answers nothing
}

type fetcher interface {
	Do(ctx context.Context, r egress.Request) (*egress.Response, error)
}

// KeyList is GitHub's public keys, fetched when needed and remembered. It is safe for concurrent use.
type KeyList struct {
	client fetcher
	source Source
	now    clock.Clock
	turn   chan struct{} // one fetches at a time

	mu      sync.Mutex
	keys    publicKeys
	fetched time.Time // when keys came
	tried   time.Time // when the last attempt ended
	failed  bool      // whether it failed
}

// NewKeyList makes a KeyList. Nothing is fetched before the first report.
func NewKeyList(client fetcher, source Source, now clock.Clock) *KeyList {
	return &KeyList{client: client, source: source, now: now, turn: make(chan struct{}, 1)}
}

func (l *KeyList) on() bool { return l.source.URL != "" }

// find returns a public key. It fails with errUnknownKey when the list, which is new enough, doesn't have it, and with
// errNoList when nobody can say.
func (l *KeyList) find(ctx context.Context, identifier string) (*ecdsa.PublicKey, error) {
	if l.due(identifier) {
		select {
		case l.turn <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		defer func() { <-l.turn }()
		if l.due(identifier) { // nobody fetched it while this one waited
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

// fetch replaces the list by a newer one, if it comes.
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
	// Whoever asks may hang up; the attempt must not count as failed for that, or strangers could keep the list away.
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
