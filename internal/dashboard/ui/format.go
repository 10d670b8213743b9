package ui

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

func funcs() template.FuncMap {
	return template.FuncMap{
		"time":  timeElement,
		"ago":   agoElement,
		"bytes": Size,
		"ms":    Took,
		"count": Count,
		"class": func(status int) int { return status / 100 },

		"statusIcon": func(status any) string { return statusIcons[fmt.Sprint(status)] },
	}
}

// statusIcons are the pictures of statuses and states, by word; others have none.
var statusIcons = map[string]string{
	"succeeded": "good", "enabled": "good", "done": "good", "active": "good", "retrying": "retrying",
	"recovering": "retrying", "backing off": "retrying", "pending": "waiting", "queued": "waiting",
	"throttled": "waiting", "delivering": "delivery", "running": "delivery", "dead": "bad", "failing": "bad",
	"failed": "bad", "disabled": "off", "cancelled": "off", "revoked": "off", "expired": "off", "paused": "paused",
}

// timeElement renders a time: the script turns it into the reader's own zone and language.
func timeElement(t time.Time) template.HTML {
	if t.IsZero() {
		return "–"
	}
	t = t.UTC()
	// Both texts are made of digits and fixed letters.
	return template.HTML(`<time datetime="` + t.Format("2006-01-02T15:04:05.000Z") + `">` + t.Format("2006-01-02 15:04:05") + " UTC</time>") //nolint:gosec // see above
}

// agoElement renders how long ago a time was, or how far ahead it is, with the time itself on hover. The script keeps
// it true and shows the time in the reader's own zone.
func agoElement(t time.Time) template.HTML {
	if t.IsZero() {
		return "–"
	}
	t = t.UTC()
	// All texts are made of digits and fixed letters.
	return template.HTML(`<time data-ago datetime="` + t.Format("2006-01-02T15:04:05.000Z") + `" title="` + t.Format("2006-01-02 15:04:05") + ` UTC">` + Ago(t, time.Now()) + "</time>") //nolint:gosec // see above
}

// Ago is how far a time is from now in words: "now", "5 s ago", "in 3 min", "2 h ago", "4 d ago".
func Ago(t, now time.Time) string {
	d := now.Sub(t)
	ahead := d < 0
	if ahead {
		d = -d
	}
	var text string
	switch {
	case d < time.Second:
		return "now"
	case d < time.Minute:
		text = strconv.Itoa(int(d/time.Second)) + " s"
	case d < time.Hour:
		text = strconv.Itoa(int(d/time.Minute)) + " min"
	case d < 48*time.Hour:
		text = strconv.Itoa(int(d/time.Hour)) + " h"
	default:
		text = strconv.Itoa(int(d/(24*time.Hour))) + " d"
	}
	if ahead {
		return "in " + text
	}
	return text + " ago"
}

// Count is a whole number as a text, such as "1,250"; it takes any kind of integer.
func Count(n any) string {
	text := fmt.Sprint(n)
	sign := len(text) - len(strings.TrimPrefix(text, "-"))
	for i := len(text) - 3; i > sign; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// Size is a number of bytes as a text, such as "1.5 KiB".
func Size(n int) string {
	switch {
	case n == 1:
		return "1 byte"
	case n < 1<<10:
		return strconv.Itoa(n) + " bytes"
	case n < 1<<20:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}

// Took is a duration as a text: "<1 ms", "12 ms", "1.24 s" or "5 min 2 s".
func Took(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return "<1 ms"
	case d < time.Second:
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	case d < time.Minute:
		return strings.TrimSuffix(fmt.Sprintf("%.2f", d.Seconds()), ".00") + " s"
	}
	d = d.Round(time.Second)
	hours, minutes, seconds := int(d/time.Hour), int(d/time.Minute)%60, int(d/time.Second)%60
	switch {
	case hours > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	case seconds > 0:
		return fmt.Sprintf("%d min %d s", minutes, seconds)
	}
	return fmt.Sprintf("%d min", minutes)
}

// Text is foreign bytes as displayable text. A template still has to escape it.
type Text struct {
	Text   string
	Size   int  // bytes in all
	Cut    bool // Text is only the beginning
	Binary bool // some bytes were no UTF-8 and are shown as U+FFFD
}

// Exact shows the bytes as they are, at most limit of them.
func Exact(b []byte, limit int) Text {
	t := Text{Size: len(b), Cut: len(b) > limit, Binary: !utf8.Valid(b)}
	if t.Cut {
		b = b[:limit]
	}
	t.Text = strings.ToValidUTF8(string(b), "�")
	return t
}

// Pretty indents the bytes when they are JSON, and otherwise shows them as Exact does.
func Pretty(b []byte, limit int) Text {
	var indented bytes.Buffer
	if len(b) > limit || json.Indent(&indented, bytes.TrimSpace(b), "", "  ") != nil {
		return Exact(b, limit)
	}
	t := Exact(indented.Bytes(), limit)
	t.Size = len(b)
	return t
}

// Header is a header of a request or answer.
type Header struct{ Name, Value string }

// The most that is shown of headers that strangers wrote.
const (
	maxHeaders     = 60
	maxHeaderValue = 1024 // bytes
)

// Headers sorts headers by name, and cuts what is too long or too many; more says how many were left out.
func Headers(m map[string]string) (shown []Header, more int) {
	names := slices.Sorted(maps.Keys(m))
	if len(names) > maxHeaders {
		more = len(names) - maxHeaders
		names = names[:maxHeaders]
	}
	for _, name := range names {
		value := m[name]
		if len(value) > maxHeaderValue {
			value = value[:maxHeaderValue] + "…"
		}
		shown = append(shown, Header{strings.ToValidUTF8(name, "�"), strings.ToValidUTF8(value, "�")})
	}
	return shown, more
}
