package listener

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/hookline/hookline/internal/egress"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/id"
)

// CodeNoListener is the code of an attempt at a listener without a connection.
const CodeNoListener = "no_listener"

const (
	// connectWithin is how long a request waits for a listener without a connection, which may be about to connect
	// again.
	connectWithin = 3 * time.Second
	// withdrawLimit is how long the end of a request may take.
	withdrawLimit = 2 * time.Second
)

// messages of failed attempts, by code.
var messages = map[string]string{
	CodeNoListener: "The listener had no connection. Run hookline listen again, or wait until it has reconnected.",
	egress.CodeConnect: "The listener could not connect to the server that it forwards to. Check that the server " +
		"runs and that the port of --forward is right.",
	egress.CodeTimeout: "The listener did not answer in time. Answer first and do the work afterwards.",
	egress.CodeDNS: "The host name that the listener forwards to could not be looked up. Check the spelling of " +
		"--forward.",
	egress.CodeTLS: "The listener could not make a secure connection to the server that it forwards to. Check its " +
		"certificate, or forward to http.",
	egress.CodeProtocol: "The server that the listener forwards to did not answer with valid HTTP. Check that a web " +
		"server listens on the port of --forward.",
}

const fullMessage = "The listener has 20 requests that it has not answered, which is the limit. Answer first and do " +
	"the work afterwards."

func failure(code string, begun time.Time) *egress.Error {
	return &egress.Error{Code: code, Message: messages[code],
		Timings: egress.Timings{Total: max(time.Since(begun), time.Microsecond)}}
}

// Forward passes a request to a listener and waits for the answer, until the request's deadline. Errors that are no
// *egress.Error are ours, such as a Redis that is away.
func (r *Relay) Forward(ctx context.Context, e endpoint.Endpoint, q Request) (*egress.Response, error) {
	begun := time.Now()
	q.ID = id.New(id.Request)
	answers, stop := r.notices.on(keyOf(e) + q.ID)
	defer stop()
	bounded, cancel := context.WithDeadline(ctx, q.Deadline)
	defer cancel()
	switch added, err := r.put(bounded, e, q); {
	case ctx.Err() != nil:
		return nil, r.stopped(ctx, e, q)
	case err != nil:
		return nil, fmt.Errorf("listener: a request can't be passed on: %w", err)
	case !added:
		full := failure(egress.CodeTimeout, begun)
		full.Message = fullMessage
		return nil, full
	}
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		select {
		case <-answers:
		case <-look.C:
		case <-bounded.Done():
			if ctx.Err() != nil {
				return nil, r.stopped(ctx, e, q)
			}
			return r.expire(ctx, e, q, begun)
		}
		a, err := r.answered(bounded, e, q.ID)
		if a != nil && err == nil {
			return a.response(begun)
		}
		if err == nil && time.Since(begun) >= connectWithin {
			if here, err := r.connected(bounded, e); err == nil && !here {
				return r.expire(ctx, e, q, begun)
			}
		}
	}
}

// stopped withdraws a request that this process stopped.
func (r *Relay) stopped(ctx context.Context, e endpoint.Endpoint, q Request) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), withdrawLimit)
	defer cancel()
	_, _ = r.withdraw(ctx, e, q.ID) // else its deadline ends it
	return &egress.Error{Code: egress.CodeCanceled,
		Message: "The request was stopped before the listener answered. It can be sent again."}
}

// expire ends a request that was not answered, unless it is answered at this moment.
func (r *Relay) expire(ctx context.Context, e endpoint.Endpoint, q Request, begun time.Time) (*egress.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, withdrawLimit)
	defer cancel()
	here, err := r.connected(ctx, e)
	if err != nil {
		return nil, fmt.Errorf("listener: the end of a request can't be stored: %w", err)
	}
	a, err := r.answered(ctx, e, q.ID)
	if a == nil && err == nil {
		var open bool
		if open, err = r.withdraw(ctx, e, q.ID); err == nil && !open {
			a, err = r.answered(ctx, e, q.ID)
		}
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("listener: the end of a request can't be stored: %w", err)
	case a != nil:
		return a.response(begun)
	case here:
		return nil, failure(egress.CodeTimeout, begun)
	}
	return nil, failure(CodeNoListener, begun)
}

// response is an answer as egress would return it.
func (a Answer) response(begun time.Time) (*egress.Response, error) {
	if a.Error != "" {
		return nil, failure(a.Error, begun)
	}
	if a.Status == 0 {
		return nil, errors.New("listener: an answer has neither a status nor an error")
	}
	header := make(http.Header, len(a.Headers))
	for name, value := range a.Headers {
		header.Set(name, value)
	}
	total := max(time.Since(begun), time.Microsecond)
	out := &egress.Response{Status: a.Status, Header: header, Body: a.Body, Truncated: a.Truncated, Duration: total,
		Timings: egress.Timings{Total: total}}
	if a.Duration > 0 {
		out.Timings.Wait = &a.Duration
	}
	return out, nil
}
