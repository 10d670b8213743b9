package generator

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Outline makes an outline of the brief without any model, and says so in the draft. It never fails.
type Outline struct{}

// The notes in the drafts.
const (
	blogNotice = "> This is an outline made from the brief, without a language model. Write it out before it " +
		"is published."
	socialNotice = "[Outline, made without a language model]"
)

// Generate makes the outline.
func (Outline) Generate(_ context.Context, b Brief) (Result, error) {
	draft := blogOutline(b)
	if b.Kind == Social {
		draft = socialOutline(b)
	}
	draft, err := draft.tidy(b)
	return Result{Draft: draft, Generator: OutlineName}, err
}

func blogOutline(b Brief) Draft {
	readers := b.Audience
	if readers == "" {
		readers = "readers"
	}
	sections := b.Keywords[:min(len(b.Keywords), 5)]
	if len(sections) == 0 {
		sections = []string{"The problem", "What works", "How to begin"}
	}
	var body strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&body, format+"\n", args...) }
	line("%s\n", blogNotice)
	line("## Introduction\n\n- Why %s matters to %s\n- What they will know at the end\n", b.Topic, readers)
	for _, section := range sections {
		line("## %s\n\n- What it has to do with %s\n- An example that %s know\n- What to do, step by step\n", section,
			b.Topic, readers)
	}
	line("## Conclusion\n\n- The whole in one sentence\n- What to do next\n")
	line("## Notes for the author\n")
	parts := len(sections) + 2
	line("- Length: about %d words, %d for each of the %d parts", b.WordCount, b.WordCount/parts, parts)
	line("- Language: %s", b.Language)
	for _, note := range []struct{ name, text string }{{"Tone", b.Tone}, {"Keywords", strings.Join(b.Keywords, ", ")},
		{"Instructions", b.Instructions}} {
		if note.text != "" {
			line("- %s: %s", note.name, strings.Join(strings.Fields(note.text), " "))
		}
	}
	return Draft{
		Title: b.Topic, Body: body.String(), Tags: b.Keywords,
		Excerpt: fmt.Sprintf("An outline on %s for %s, in %d parts.", b.Topic, readers, parts),
	}
}

func socialOutline(b Brief) Draft {
	lines := []string{socialNotice, b.Topic}
	if b.Audience != "" {
		lines = append(lines, "For: "+b.Audience)
	}
	if b.Tone != "" {
		lines = append(lines, "Tone: "+b.Tone)
	}
	lines = append(lines, "- Hook: a question or a number", "- Point: what to take away", "- Call: what to do next")
	tags := []string{}
	for _, keyword := range b.Keywords {
		tags = append(tags, hashtag(keyword))
	}
	return Draft{Body: shorten(strings.Join(lines, "\n"), limits[b.Platform]), Tags: tags}
}

// hashtag is a keyword in the form that platforms link: letters and digits only.
func hashtag(keyword string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '_' {
			return r
		}
		return -1
	}, keyword)
}

// shorten cuts a text to so many characters, and shows that it did.
func shorten(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}
