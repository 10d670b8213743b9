package egress

import (
	"bufio"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

var discard = log.New(io.Discard, "", 0)

// serveRaw answers each connection's first request with what f does to it.
// The connection stays open after f until the client closes it.
func serveRaw(t *testing.T, f func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					f(conn)
				}
				io.Copy(io.Discard, conn)
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

func say(s string) func(net.Conn) {
	return func(c net.Conn) { io.WriteString(c, s) }
}

func hangUp(s string) func(net.Conn) {
	return func(c net.Conn) { io.WriteString(c, s); c.Close() }
}

func repeat(head, s string) func(net.Conn) {
	return func(c net.Conn) {
		_, err := io.WriteString(c, head)
		for err == nil {
			_, err = io.WriteString(c, s)
		}
	}
}

func trickle(head string) func(net.Conn) {
	return func(c net.Conn) {
		_, err := io.WriteString(c, head)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for err == nil {
			<-tick.C
			_, err = io.WriteString(c, "x")
		}
	}
}

const okLine = "HTTP/1.1 200 OK\r\n"

// hostileServers are what strangers' servers do after they read a request.
var hostileServers = map[string]struct {
	server func(net.Conn)
	want   string // code, "" = an answer
	status int    // 0 = no response at all
	body   int    // bytes kept
}{
	"never answers":         {say(""), CodeTimeout, 0, 0},
	"never ends the header": {say(okLine + "X-A: b\r\n"), CodeTimeout, 0, 0},
	"trickles the header":   {trickle(okLine + "X-A: "), CodeTimeout, 0, 0},
	"trickles the body":     {trickle(okLine + "Content-Length: 10000\r\n\r\n"), CodeTimeout, 200, -1},
	"never ends the body":   {say(okLine + "Content-Length: 10\r\n\r\n12345"), CodeTimeout, 200, 5},
	"hangs after the limit": {say(okLine + "Content-Length: 99999\r\n\r\n" + strings.Repeat("x", 2000)),
		CodeTimeout, 200, 1000},
	"hangs up after the limit": {hangUp(okLine + "Content-Length: 99999\r\n\r\n" + strings.Repeat("x", 2000)),
		CodeProtocol, 200, 1000},
	"announces a gigabyte": {repeat(okLine+"Content-Length: 1000000000\r\n\r\n", strings.Repeat("x", 1000)),
		CodeTooLarge, 200, 1000},
	"endless body": {repeat(okLine+"\r\n", strings.Repeat("x", 1000)), CodeTooLarge, 200, 1000},
	"endless chunks": {repeat(okLine+"Transfer-Encoding: chunked\r\n\r\n", "40\r\n"+strings.Repeat("x", 64)+
		"\r\n"), CodeTooLarge, 200, 1000},
	"endless header": {repeat(okLine, "X-A: "+strings.Repeat("x", 1000)+"\r\n"), CodeProtocol, 0, 0},
	"header above 64 KiB": {say(okLine + strings.Repeat("X-A: "+strings.Repeat("x", 1000)+"\r\n", 80) + "\r\n"),
		CodeProtocol, 0, 0},
	"header below 64 KiB": {hangUp(okLine + strings.Repeat("X-A: "+strings.Repeat("x", 1000)+"\r\n", 50) +
		"\r\n"), "", 200, 0},
	"endless interim answers": {repeat("", "HTTP/1.1 103 Early Hints\r\nX-A: "+strings.Repeat("x", 1000)+"\r\n\r\n"),
		CodeProtocol, 0, 0},
	"hangs up at once":       {hangUp(""), CodeProtocol, 0, 0},
	"hangs up in the header": {hangUp(okLine + "X-A"), CodeProtocol, 0, 0},
	"hangs up in the body":   {hangUp(okLine + "Content-Length: 10\r\n\r\n12345"), CodeProtocol, 200, 5},
	"hangs up in a chunk": {hangUp(okLine + "Transfer-Encoding: chunked\r\n\r\na\r\n12345"), CodeProtocol, 200,
		5},
	"speaks no HTTP": {say("SSH-2.0-OpenSSH_9.6\r\n"), CodeProtocol, 0, 0},
	"switches protocols": {say("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"),
		CodeProtocol, 101, 0},
	"two lengths": {say(okLine + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx"), CodeProtocol, 0, 0},
	"compressed without asking": {hangUp(okLine + "Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nzzzz"), "", 200,
		4},
}

// The wait is the client's short time-out itself; where no time-out is expected
// it is long enough never to matter.
func TestDoHostileServers(t *testing.T) {
	t.Parallel()
	for name, tt := range hostileServers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := serveRaw(t, tt.server)
			c := local(t, func(cfg *Config) {
				cfg.MaxResponseBody = 1000
				if tt.want == CodeTimeout {
					cfg.Timeout = 300 * time.Millisecond
				}
			})
			resp, err := c.Do(t.Context(), Request{URL: url, Body: []byte("{}")})
			if got := codeOf(t, err); got != tt.want {
				t.Fatalf("Do = %q (%v), want %q", got, err, tt.want)
			}
			if tt.status == 0 {
				if resp != nil {
					t.Fatalf("response: got %+v, want none", resp)
				}
				return
			}
			if resp == nil || resp.Status != tt.status || (tt.body >= 0 && len(resp.Body) != tt.body) ||
				resp.Duration <= 0 {
				t.Errorf("got %+v, want status %d and %d bytes", resp, tt.status, tt.body)
			}
		})
	}
}

// Before HTTP begins.
func TestDoHostileConnections(t *testing.T) {
	t.Parallel()
	closed, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	https := func(url string) string { return strings.Replace(url, "http:", "https:", 1) }
	plain := serve(t, func(http.ResponseWriter, *http.Request) {})
	silent, err := net.Listen("tcp4", "127.0.0.1:0") // the kernel accepts, nobody answers
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() })

	tests := map[string]struct {
		url     string
		timeout time.Duration
		want    string
	}{
		"closed port":         {"http://" + closed.Addr().String(), 0, CodeConnect},
		"plain HTTP on https": {https(plain.URL), 0, CodeTLS},
		"silence on https":    {"https://" + silent.Addr().String(), 300 * time.Millisecond, CodeTimeout},
		"silence on http":     {"http://" + silent.Addr().String(), 300 * time.Millisecond, CodeTimeout},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := local(t, func(cfg *Config) { cfg.Timeout = tt.timeout })
			if resp, err := c.Do(t.Context(), Request{URL: tt.url}); resp != nil || codeOf(t, err) != tt.want {
				t.Errorf("Do = %v, %v; want %s", resp, err, tt.want)
			}
		})
	}
}
