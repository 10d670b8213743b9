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

// untold are the event types that no day brings about. They are what Hookline tells of itself, not the products'.
var untold = map[string]string{
	"endpoint.disabled":  "a consumer has to fail for days",
	"endpoint.failing":   "a consumer has to fail for days",
	"endpoint.recovered": "a consumer has to fail for days",
	"key.leaked":         "GitHub finds the key, and signs that it did",
}

// show runs the days and prints them. It fails when a day did, or when an event type was never received.
func show(ctx context.Context, out io.Writer, to target) error {
	started := time.Now()
	_, health, err := send(ctx, to.url, "GET /readyz", nil)
	if err != nil {
		return fmt.Errorf("Hookline does not answer at %s: %w", to.url, err)
	}
	fmt.Fprintf(out, "Hookline %s at %s: a day of five products\n", text(health, "version"), to.url)
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
		return errors.Join(failures...)
	}
	missing, err := unreceived(ctx, days)
	if err != nil {
		return err
	}
	if unexpected := slices.DeleteFunc(missing, func(name string) bool { return untold[name] != "" }); len(unexpected) > 0 {
		return fmt.Errorf("no consumer received %s", strings.Join(unexpected, ", "))
	}
	fmt.Fprintln(out, "\nEvery event type of the five products was brought about by a real change, and received. Not part of these days:")
	table := newTable(out)
	for _, name := range slices.Sorted(maps.Keys(untold)) {
		fmt.Fprintf(table, "  %s\t%s\n", name, untold[name])
	}
	_ = table.Flush()
	fmt.Fprintf(out, "\nAll of it took %.1f s.\n", time.Since(started).Seconds())
	return nil
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
			return slices.ContainsFunc(d.deliveries, func(o object) bool { return text(o, "event_type") == name && text(o, "status") == "succeeded" })
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
	if d.consumer == nil {
		return
	}
	table := newTable(out)
	fmt.Fprintln(table, "\n  TIME\tEVENT\tVERIFIED\tATTEMPTS\tPAYLOAD")
	for _, m := range d.consumer.messages {
		event, proof := m.event, m.proof
		if m.sample() {
			event += " (test)"
		}
		if m.err != nil {
			proof = "REFUSED"
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%s\n", m.at.Format("15:04:05.000"), event, proof, attempts(m.answers), d.payload(m.data))
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
		if s := fmt.Sprint(value); !strings.Contains(s, " ") {
			return s
		}
		return fmt.Sprintf("%q", value)
	}
	var parts []string
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		if change, ok := fields[field].(object); ok {
			parts = append(parts, fmt.Sprintf("%s:%v→%v", field, change["old"], change["new"]))
		} else {
			parts = append(parts, fmt.Sprintf("%s:%v", field, fields[field]))
		}
	}
	return "{" + strings.Join(parts, " ") + "}"
}

// summarize prints one line for each product, and one for all.
func summarize(out io.Writer, days []*day) {
	fmt.Fprint(out, "\n\nSUMMARY\n\n")
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "  PRODUCT\tEVENTS FIRED\tDELIVERIES\tREQUESTS\tRETRIES\tDEAD LETTERS REPLAYED\tVERIFIED\t")
	var sum [6]int
	for _, d := range days {
		row := d.figures()
		for i, n := range row {
			sum[i] += n
		}
		writeRow(table, d.profile, row)
	}
	writeRow(table, "all", sum)
	_ = table.Flush()
}

func writeRow(out io.Writer, name string, row [6]int) {
	fmt.Fprintf(out, "  %s\t%d\t%d\t%d\t%d\t%d\t%d\t\n", name, row[0], row[1], row[2], row[3], row[4], row[5])
}

// figures are the numbers of a day, in the order of the summary. Samples count as requests only.
func (d *day) figures() [6]int {
	requests, retries, verified := 0, -d.replayed, 0
	if d.consumer != nil {
		for _, m := range d.consumer.messages {
			requests += len(m.answers)
			retries += len(m.answers) - 1
			if m.err == nil {
				verified += len(m.answers)
			}
		}
	}
	return [6]int{len(d.fired), len(d.deliveries), requests, retries, d.replayed, verified}
}
