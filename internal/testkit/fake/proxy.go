package fake

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Proxy stands between the program and a service, so that a test can cut them off from each other or make the
// service hang.
type Proxy struct {
	listener net.Listener
	target   string
	stalled  chan struct{} // closed by Stall
	ended    chan struct{} // closed with the test

	mu       sync.Mutex
	cut      bool
	conns    map[net.Conn]struct{}
	commands []string
}

// NewProxy starts a proxy for the service at a URL and returns the URL to use instead.
func NewProxy(t testing.TB, service string) (*Proxy, string) {
	t.Helper()
	u, err := url.Parse(service)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{
		listener: l, target: u.Host, stalled: make(chan struct{}), ended: make(chan struct{}),
		conns: map[net.Conn]struct{}{},
	}
	t.Cleanup(func() { close(p.ended); _ = l.Close(); p.Cut() })
	go p.accept()
	u.Host = l.Addr().String()
	return p, u.String()
}

func (p *Proxy) accept() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		go p.serve(c)
	}
}

func (p *Proxy) serve(c net.Conn) {
	defer func() { _ = c.Close() }()
	up, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer func() { _ = up.Close() }()
	if !p.keep(c, up) {
		return
	}
	go func() { _, _ = io.Copy(up, &commandReader{from: p.until(c), heard: p.heard}); _ = up.Close() }()
	_, _ = io.Copy(c, p.until(up))
	p.mu.Lock()
	delete(p.conns, c)
	delete(p.conns, up)
	p.mu.Unlock()
}

func (p *Proxy) keep(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cut {
		return false
	}
	for _, c := range conns {
		p.conns[c] = struct{}{}
	}
	return true
}

func (p *Proxy) heard(command string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.commands = append(p.commands, command)
}

// Commands are the names of the commands that went through to a Redis, in upper case.
func (p *Proxy) Commands() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.commands)
}

// commandReader reads on, and hears the commands in what it reads: arrays of strings, the first of which is the name.
// For anything but Redis it hears nothing that means anything.
type commandReader struct {
	from  io.Reader
	heard func(command string)

	line  []byte // so far
	skip  int    // bytes of a string that are still to come, its end included
	named bool   // the next string is a name
	name  []byte
}

// longest is how much of a name or a header is kept.
const longest = 64

// Read implements io.Reader.
func (r *commandReader) Read(b []byte) (int, error) {
	n, err := r.from.Read(b)
	for _, c := range b[:n] {
		switch {
		case r.skip > 0:
			if r.skip--; r.named && r.skip >= 2 && len(r.name) < longest {
				r.name = append(r.name, c)
			}
			if r.skip == 0 && r.named {
				r.heard(strings.ToUpper(string(r.name)))
				r.named, r.name = false, nil
			}
		case c == '\n':
			r.header(string(bytes.TrimSpace(r.line)))
			r.line = r.line[:0]
		case len(r.line) < longest:
			r.line = append(r.line, c)
		}
	}
	return n, err
}

func (r *commandReader) header(line string) {
	switch {
	case strings.HasPrefix(line, "*"):
		r.named = true
	case strings.HasPrefix(line, "$"):
		if n, err := strconv.Atoi(line[1:]); err == nil && n >= 0 {
			r.skip = n + 2
		}
	}
}

// Cut ends all connections and refuses new ones.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = true
	for c := range p.conns {
		_ = c.Close()
	}
	clear(p.conns)
}

// Restore lets connections through again.
func (p *Proxy) Restore() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = false
}

// Stall lets nothing through any more; connections stay open until the test ends.
func (p *Proxy) Stall() { close(p.stalled) }

// until reads from a connection until the proxy stalls, and then nothing until the test ends.
func (p *Proxy) until(c net.Conn) io.Reader { return stallReader{c, p} }

type stallReader struct {
	from  io.Reader
	proxy *Proxy
}

// Read implements io.Reader.
func (r stallReader) Read(b []byte) (int, error) {
	n, err := r.from.Read(b)
	select {
	case <-r.proxy.stalled:
		<-r.proxy.ended
		return 0, io.EOF
	default:
		return n, err
	}
}
