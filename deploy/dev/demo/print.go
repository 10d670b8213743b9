package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// payloadWidth is how many characters of a payload fit beside the rest.
const payloadWidth = 76

// notShown are the event types that no day emits: they are about Hookline itself and not about the products.
var notShown = map[string]string{
	"endpoint.disabled":  "a consumer has to fail for days, or to answer that it is gone",
	"endpoint.failing":   "a consumer has to fail for half a day at least",
	"endpoint.recovered": "only after endpoint.failing",
	"key.leaked":         "GitHub has to find a key, and signs that it did",
}

// equip makes a key for the products' servers, which need no more than the role backend; end revokes it.
func (to *target) equip(ctx context.Context) (end func(), err error) {
	operator := []string{"Authorization", "Bearer " + to.operatorKey}
	_, made, err := send(ctx, to.url, "POST /admin/v1/operator-keys",
		[]byte(`{"name":"Servers of the demo","role":"backend"}`), operator...)
	to.backendKey = text(made, "key")
	return func() {
		_, _, _ = send(context.WithoutCancel(ctx), to.url, "DELETE /admin/v1/operator-keys/"+text(made, "id"), nil,
			operator...)
	}, err
}

// show runs the days and prints them. It fails when a day did, or when an event type was never received.
func show(ctx context.Context, out io.Writer, to target) ([]*day, error) {
	started := time.Now()
	if _, _, err := send(ctx, to.url, "GET /api/v1/openapi.json", nil); err != nil {
		return nil, fmt.Errorf("there is no Hookline at %s: %w", to.url, err)
	}
	end, err := to.equip(ctx)
	if err != nil {
		return nil, fmt.Errorf("the operator key does not work: %w", err)
	}
	defer end()
	fmt.Fprintf(out, "Hookline at %s: a day of five products\n", to.url)
	days := runDays(ctx, to, products)
	var failures []error
	for _, d := range days {
		d.print(out)
		if d.err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", d.profile, d.err))
		}
	}
	summarize(out, days)
	if len(failures) > 0 {
		return days, errors.Join(failures...)
	}
	missing, err := unreceived(ctx, days)
	if err != nil {
		return days, err
	}
	if unexpected := slices.DeleteFunc(missing, func(name string) bool {
		return notShown[name] != ""
	}); len(unexpected) > 0 {
		return days, fmt.Errorf("no consumer received %s", strings.Join(unexpected, ", "))
	}
	fmt.Fprintln(out,
		"\nEvery event type of the five products was brought about by a real change, and received. Not part of "+
			"these days:")
	table := newTable(out)
	for _, name := range slices.Sorted(maps.Keys(notShown)) {
		fmt.Fprintf(table, "  %s\t%s\n", name, notShown[name])
	}
	_ = table.Flush()
	fmt.Fprintf(out, "\nAll of it took %.1f s.\n", time.Since(started).Seconds())
	return days, nil
}

// unreceived are the event types of the catalogue that no consumer got, sorted.
func unreceived(ctx context.Context, days []*day) ([]string, error) {
	_, catalogue, err := send(ctx, days[0].url, "GET /api/v1/event-types", nil, "Authorization", "Bearer "+days[0].key)
	if err != nil {
		return nil, err
	}
	var missing []string
	for _, o := range list(catalogue, "data") {
		name := text(o, "type")
		got := func(d *day) bool {
			return slices.ContainsFunc(d.deliveries, func(o object) bool {
				return text(o, "event_type") == name &&
					text(o, "status") == "succeeded"
			})
		}
		if !slices.ContainsFunc(days, got) {
			missing = append(missing, name)
		}
	}
	slices.Sort(missing)
	return missing, nil
}

func newTable(out io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(out, 0, 0, 2, ' ', 0) }

func (d *day) print(out io.Writer) {
	fmt.Fprintf(out, "\n\n%s, %s\n\n", strings.ToUpper(d.profile), d.about)
	facts := newTable(out)
	if d.key != "" {
		fmt.Fprintf(facts, "  key\t%s…, of the tenant %s\n", d.key[:len(d.keyPrefix)+4], d.tenantID)
	}
	fmt.Fprintf(facts, "  verified by\t%s\n", d.documented)
	for i, note := range d.notes {
		fmt.Fprintf(facts, "  %s\t%s\n", []string{"the day", ""}[min(i, 1)], note)
	}
	if d.err != nil {
		fmt.Fprintf(facts, "  FAILED\t%v\n", d.err)
	}
	_ = facts.Flush()
	table := newTable(out)
	fmt.Fprintln(table, "\n  TIME\tEVENT\tVERIFIED\tATTEMPTS\tPAYLOAD")
	for _, m := range d.messages {
		event, proof := m.event, m.proof
		if strings.HasPrefix(m.id, samplePrefix) {
			event += " (test)"
		}
		if m.err != nil {
			proof = "REFUSED"
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%s\n", m.at.Format("15:04:05.000"), event, proof, attempts(m.answers),
			d.payload(m.data))
	}
	_ = table.Flush()
}

// attempts says how many there were, and how each was answered if there were several.
func attempts(answers []int) string {
	if len(answers) == 1 && answers[0] == 200 {
		return "1"
	}
	words := make([]string, len(answers))
	for i, status := range answers {
		if words[i] = strconv.Itoa(status); status == 0 {
			words[i] = "down"
		}
	}
	return fmt.Sprintf("%d: %s", len(answers), strings.Join(words, ", "))
}

// payload is the fields of data that the product shows, on one line.
func (d *day) payload(data object) string {
	var parts []string
	for _, field := range d.shows {
		if value, ok := data[field]; ok && value != nil {
			parts = append(parts, field+"="+oneLine(value))
		}
	}
	line := []rune(strings.Join(parts, " "))
	if len(line) > payloadWidth {
		line = append(line[:payloadWidth-1], '…')
	}
	return string(line)
}

// oneLine writes changes as old→new, and other values as they are.
func oneLine(value any) string {
	fields, ok := value.(object)
	if !ok {
		return scalar(value)
	}
	var parts []string
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		if change, ok := fields[field].(object); ok {
			parts = append(parts, field+":"+scalar(change["old"])+"→"+scalar(change["new"]))
		} else {
			parts = append(parts, field+":"+scalar(fields[field]))
		}
	}
	return "{" + strings.Join(parts, " ") + "}"
}

// scalar writes a value that has no fields; nothing is a dash.
func scalar(value any) string {
	s := fmt.Sprint(value)
	switch {
	case value == nil:
		return "-"
	case s == "" || strings.Contains(s, " "):
		return strconv.Quote(s)
	}
	return s
}

// summarize prints one line for each product, and one for all.
func summarize(out io.Writer, days []*day) {
	const row = "  %-11s  %6v  %10v  %8v  %7v  %21v  %8v\n"
	fmt.Fprintf(out, "\n\nSUMMARY\n\n"+row, "PRODUCT", "EVENTS", "DELIVERIES", "REQUESTS", "RETRIES",
		"DEAD LETTERS REPLAYED", "VERIFIED")
	var sum statistics
	for _, d := range days {
		f := d.statistics()
		fmt.Fprintf(out, row, d.profile, f.events, f.deliveries, f.requests, f.retries, f.replayed, f.verified)
		sum = statistics{
			sum.events + f.events, sum.deliveries + f.deliveries, sum.requests + f.requests,
			sum.retries + f.retries, sum.replayed + f.replayed, sum.verified + f.verified,
		}
	}
	fmt.Fprintf(out, row, "all", sum.events, sum.deliveries, sum.requests, sum.retries, sum.replayed, sum.verified)
}

// statistics are the numbers of a day; test sends count as requests only.
type statistics struct{ events, deliveries, requests, retries, replayed, verified int }

func (d *day) statistics() statistics {
	f := statistics{events: len(d.fired), deliveries: len(d.deliveries), replayed: d.replayed, retries: -d.replayed}
	for _, m := range d.messages {
		f.requests += len(m.answers)
		f.retries += len(m.answers) - 1
		if m.err == nil {
			f.verified += len(m.answers)
		}
	}
	return f
}
