package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// object is a JSON object.
type object = map[string]any

// text is a field that holds a string; empty when there is none.
func text(o object, field string) string {
	s, _ := o[field].(string)
	return s
}

// list is a field that holds objects.
func list(o object, field string) (out []object) {
	all, _ := o[field].([]any)
	for _, one := range all {
		out = append(out, one.(object))
	}
	return out
}

// decode reads an object, with its numbers as they are written.
func decode(raw []byte) (o object, err error) {
	if len(raw) == 0 {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	err = d.Decode(&o)
	return o, err
}

// send makes a call such as "POST /api/v1/leads", as integrators do who have nothing but the documentation, and insists
// on success. body may be nil; headers are names and values in turn.
func send(ctx context.Context, base, call string, body []byte, headers ...string) (http.Header, object, error) {
	method, path, _ := strings.Cut(call, " ")
	r, err := http.NewRequestWithContext(ctx, method, base+path, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := (&http.Client{Timeout: patience}).Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= http.StatusMultipleChoices {
		return nil, nil, fmt.Errorf("%s was answered %d: %s", call, response.StatusCode, explain(raw))
	}
	var answer object
	if err == nil {
		answer, err = decode(raw)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", call, err)
	}
	return response.Header, answer, nil
}

// explain returns the message of an error with its violations.
func explain(raw []byte) string {
	body, err := decode(raw)
	problem, ok := body["error"].(object)
	if err != nil || !ok {
		return string(bytes.TrimSpace(raw))
	}
	out := text(problem, "message")
	for _, detail := range list(problem, "details") {
		out += " " + text(detail, "field") + " " + text(detail, "message") + "."
	}
	return out
}
