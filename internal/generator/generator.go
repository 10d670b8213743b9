// Package generator writes drafts of posts from briefs. There are two kinds: a language model behind any
// OpenAI-compatible API, and an outline that is made of the brief without any model.
package generator

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Kind is the kind of a post.
type Kind string

// The kinds of posts.
const (
	Blog   Kind = "blog"
	Social Kind = "social"
)

// Brief describes the post that an author wants. Its JSON is stored with the post and sent to the model.
type Brief struct {
	Kind         Kind     `json:"kind"`
	Topic        string   `json:"topic"`
	Platform     string   `json:"platform,omitempty"` // only of social posts
	Keywords     []string `json:"keywords,omitempty"`
	Tone         string   `json:"tone,omitempty"`
	Audience     string   `json:"audience,omitempty"`
	Language     string   `json:"language"`
	WordCount    int      `json:"word_count,omitempty"` // only of blog posts
	Instructions string   `json:"instructions,omitempty"`
}

// Draft is the result. A blog post has a Title, an Excerpt and, in Body, Markdown; a social post has only a Body.
// Tags are keywords or hashtags, the latter without their sign.
type Draft struct {
	Title, Excerpt, Body string
	Tags                 []string
}

// Result is a draft with its generator.
type Result struct {
	Draft
	Generator                 string // OutlineName or OpenAIName
	Model                     string // empty without one
	InputTokens, OutputTokens *int64 // nil when nobody counted
}

// The names of the generators.
const (
	OutlineName = "outline"
	OpenAIName  = "openai"
)

// Reason says, for programs, why there is no draft. The contract lists them all.
type Reason string

// The reasons of a generator.
const (
	Timeout       Reason = "timeout"
	Refused       Reason = "refused"
	InvalidAnswer Reason = "invalid_answer"
	CutOff        Reason = "cut_off"
	RateLimited   Reason = "rate_limited"
	Unavailable   Reason = "unavailable"
	Misconfigured Reason = "misconfigured"
)

// Failure is the error of a generator. Its Text is for the author and does not reveal the URL of the model; its cause
// is for the log.
type Failure struct {
	Reason Reason
	Text   string
	cause  error
}

// Error is for logs: it includes the cause.
func (f *Failure) Error() string {
	if f.cause == nil {
		return f.Text
	}
	return fmt.Sprintf("%s: %v", f.Text, f.cause)
}

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.cause }

// The limits of a draft.
const (
	maxTitle   = 300
	maxExcerpt = 1000
	maxBody    = 100_000
	maxTags    = 30
	maxTag     = 100
)

// limits are how many characters a post may have on its platform.
var limits = map[string]int{"x": 280, "threads": 500, "instagram": 2200, "linkedin": 3000, "facebook": 5000}

var errNothing = errors.New("nothing was written")

// tidy trims the draft and its tags, and removes empty tags and their signs. It fails when the draft exceeds a limit.
func (d Draft) tidy(b Brief) (Draft, error) {
	d.Title, d.Excerpt, d.Body = strings.TrimSpace(d.Title), strings.TrimSpace(d.Excerpt), strings.TrimSpace(d.Body)
	tags := []string{}
	for _, tag := range d.Tags {
		if tag = strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(tag), "#")); tag != "" {
			tags = append(tags, tag)
		}
	}
	d.Tags = tags
	longest := maxBody
	if b.Kind == Social {
		longest = limits[b.Platform]
	}
	switch {
	case d.Body == "" || (b.Kind == Blog && d.Title == ""):
		return d, errNothing
	case len(tags) > maxTags:
		return d, fmt.Errorf("%d tags are more than %d", len(tags), maxTags)
	}
	for _, part := range []struct {
		name, text string
		most       int
	}{{"title", d.Title, maxTitle}, {"excerpt", d.Excerpt, maxExcerpt}, {"body", d.Body, longest},
		{"tags", longestOf(tags), maxTag}} {
		if n := utf8.RuneCountInString(part.text); n > part.most {
			return d, fmt.Errorf("%d characters of %s are more than %d", n, part.name, part.most)
		}
		if !utf8.ValidString(part.text) || strings.ContainsRune(part.text, 0) {
			return d, fmt.Errorf("%s is no text", part.name)
		}
	}
	return d, nil
}

func longestOf(texts []string) string {
	longest := ""
	for _, s := range texts {
		if utf8.RuneCountInString(s) > utf8.RuneCountInString(longest) {
			longest = s
		}
	}
	return longest
}
