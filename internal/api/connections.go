package api

import (
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/hookline/hookline/internal/ratelimit"
)

// warnEvery is how often the log says that an address has too many connections.
const warnEvery = time.Minute

// connections closes the connections that an address has beyond its limit, before anything is read from them. A trusted
// proxy's connections are those of all its clients, so they don't count; how many each client has is up to the proxy.
type connections struct {
	most    int
	proxies []netip.Prefix

	mu     sync.Mutex
	open   map[string]int // by address
	warned time.Time
}

func newConnections(most int, proxies []netip.Prefix) *connections {
	return &connections{most: most, proxies: proxies, open: map[string]int{}}
}

// changed is the server's hook for the states of connections.
func (l *connections) changed(c net.Conn, state http.ConnState) {
	if state != http.StateNew && state != http.StateClosed && state != http.StateHijacked {
		return
	}
	remote, err := netip.ParseAddrPort(c.RemoteAddr().String())
	if err != nil {
		return // not TCP
	}
	address := remote.Addr().Unmap().WithZone("")
	if slices.ContainsFunc(l.proxies, func(p netip.Prefix) bool { return p.Contains(address) }) {
		return
	}
	who := ratelimit.Stranger(address.String()).ID
	if state != http.StateNew {
		l.leave(who)
		return
	}
	if !l.enter(who) {
		_ = c.Close() // the server notices, and its state becomes closed
	}
}

// enter counts a connection, also one over the limit: every one that is new becomes closed once.
func (l *connections) enter(who string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open[who]++
	if l.open[who] <= l.most {
		return true
	}
	if now := time.Now(); now.Sub(l.warned) >= warnEvery {
		l.warned = now
		slog.Warn("an address has too many connections, and more of it are closed; if it is a proxy of yours, add it to "+
			"HOOKLINE_TRUSTED_PROXIES, otherwise see HOOKLINE_MAX_CONNECTIONS_PER_ADDRESS", "address", who, "limit", l.most)
	}
	return false
}

func (l *connections) leave(who string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[who]--; l.open[who] == 0 {
		delete(l.open, who)
	}
}
