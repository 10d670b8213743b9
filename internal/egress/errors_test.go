package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestClassify(t *testing.T) {
	t.Parallel()
	dialing := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	certificate := func(err error) error { return &tls.CertificateVerificationError{Err: err} }
	tests := map[string]struct {
		err  error
		code string
		says string
	}{
		"guard":    {dialing(fmt.Errorf("%w: 10.0.0.7", errBlocked)), CodeDNS, "does not exist, or none"},
		"canceled": {context.Canceled, CodeCanceled, "stopped"},
		"canceled while dialing": {errors.Join(context.Canceled, dialing(os.ErrDeadlineExceeded)), CodeCanceled,
			"stopped"},
		"no such name":     {dialing(&net.DNSError{IsNotFound: true}), CodeDNS, "does not exist, or none"},
		"name server down": {dialing(&net.DNSError{IsTimeout: true}), CodeDNS, "looked up"},
		"deadline during look-up": {errors.Join(context.DeadlineExceeded, dialing(&net.DNSError{IsTimeout: true})),
			CodeDNS, "looked up"},
		"deadline":             {context.DeadlineExceeded, CodeTimeout, "in time"},
		"deadline hides reset": {errors.Join(context.DeadlineExceeded, syscall.ECONNRESET), CodeTimeout, "in time"},
		"dial timed out":       {dialing(syscall.ETIMEDOUT), CodeTimeout, "in time"},
		"refused":              {dialing(syscall.ECONNREFUSED), CodeConnect, "firewall"},
		"no route":             {dialing(syscall.EHOSTUNREACH), CodeConnect, "firewall"},
		"no descriptors":       {dialing(os.NewSyscallError("socket", syscall.EMFILE)), CodeInternal, "Hookline"},
		"none for look-ups": {dialing(&net.DNSError{Err: "dial udp 10.0.0.7:53: socket: " +
			syscall.EMFILE.Error()}), CodeInternal, "Hookline"},
		"a server says so": {errors.New(`malformed HTTP response "too many open files"`), CodeProtocol,
			"valid HTTP"},
		"no local address": {dialing(syscall.EADDRNOTAVAIL), CodeConnect, "firewall"}, // IPv6 that is off
		"plain HTTP":       {http.ErrSchemeMismatch, CodeTLS, "plain HTTP"},
		"no TLS at all": {tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, CodeTLS,
			"TLS 1.2"},
		"alert": {&net.OpError{Op: "remote error", Err: errors.New("tls: handshake failure")}, CodeTLS,
			"TLS 1.2"},
		"self-signed": {certificate(x509.UnknownAuthorityError{}), CodeTLS, "self-signed"},
		"other name": {certificate(x509.HostnameError{Certificate: &x509.Certificate{}}), CodeTLS,
			"another name"},
		"expired": {certificate(x509.CertificateInvalidError{Reason: x509.Expired}), CodeTLS, "Renew"},
		"not for servers": {certificate(x509.CertificateInvalidError{Reason: x509.IncompatibleUsage}), CodeTLS,
			"cannot be trusted"},
		"invalid header": {errors.New(`net/http: invalid header field value for "X-A"`), CodeInvalidRequest,
			"header"},
		"closed":             {io.EOF, CodeProtocol, "closed the connection"},
		"closed in the body": {io.ErrUnexpectedEOF, CodeProtocol, "closed the connection"},
		"reset": {&net.OpError{Op: "read", Err: syscall.ECONNRESET}, CodeProtocol,
			"closed the connection"},
		"no HTTP": {errors.New(`malformed HTTP response "SSH-2.0"`), CodeProtocol, "valid HTTP"},
		"unknown": {errors.New("x"), CodeProtocol, "valid HTTP"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := classify(tt.err, "hooks.example")
			if codeOf(t, got) != tt.code || !strings.Contains(got.Message, tt.says) {
				t.Errorf("classify = %s %q, want %s and %q", got.Code, got.Message, tt.code, tt.says)
			}
			named := tt.code != CodeInvalidRequest && tt.code != CodeInternal
			if named && !strings.Contains(got.Message, "hooks.example") {
				t.Errorf("message: got %q, want the host named", got.Message)
			}
			if strings.Contains(got.Error(), "10.0.0.7") {
				t.Errorf("message: got %q, want no internal address", got)
			}
			if !errors.Is(got, tt.err) {
				t.Errorf("cause: got none, want %v", tt.err)
			}
		})
	}
}
