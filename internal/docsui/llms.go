package docsui

import (
	"fmt"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/profile"
)

// llms lists all pages as Markdown, in the form that llmstxt.org describes, for programs that read documentation.
func (s *site) llms(c echo.Context) error {
	e, err := s.edition(profile.Default)
	if err != nil {
		return err
	}
	base := ui.Base(c.Request())
	var b strings.Builder
	b.WriteString("# Hookline\n\n> API keys, a public REST API and signed outgoing webhooks. " +
		"Every page is Markdown at the address below; all of them together are at " + base + "/docs/llms-full.txt, and the " +
		"OpenAPI contract is at " + base + "/api/v1/openapi.yaml.\n")
	write := func(title string, slugs []string) error {
		fmt.Fprintf(&b, "\n## %s\n\n", title)
		for _, slug := range slugs {
			p, err := s.page(e, slug)
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, "- [%s](%s%s/%s): %s\n", p.Title, base, e.base, fileOf(slug), p.Summary)
		}
		return nil
	}
	for _, g := range e.guides() {
		if err := write(g.title, g.slugs); err != nil {
			return err
		}
	}
	guides := 0
	for _, g := range e.guides() {
		guides += len(g.slugs)
	}
	if err := write("API reference", e.slugs()[guides:]); err != nil {
		return err
	}
	return sendText(c, "text/plain; charset=utf-8", b.String())
}

// llmsFull is all pages in one text.
func (s *site) llmsFull(c echo.Context) error {
	all, err := s.full()
	if err != nil {
		return err
	}
	return sendText(c, "text/plain; charset=utf-8", all)
}

func (s *site) everything() (string, error) {
	e, err := s.edition(profile.Default)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, slug := range e.slugs() {
		p, err := s.page(e, slug)
		if err != nil {
			return "", err
		}
		b.WriteString(p.Markdown + "\n\n")
	}
	return b.String(), nil
}
