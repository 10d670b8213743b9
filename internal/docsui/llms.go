package docsui

import (
	"fmt"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/dashboard/ui"
)

// llms lists all pages of an edition as Markdown, in the form that llmstxt.org describes, for programs that read
// documentation.
func (s *site) llms(c echo.Context, e *edition) error {
	base := ui.Base(c.Request())
	var b strings.Builder
	b.WriteString("# " + s.titleOf(e, "profiles/"+e.name) + "\n\n> API keys, a public REST API and signed outgoing webhooks. " +
		"Every page is Markdown at the address below; all of them together are at " + base + e.base + "/llms-full.txt, " +
		"and the OpenAPI contract is at " + base + "/api/v1/openapi.yaml" + e.query() + ".\n")
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

// llmsFull is all pages of an edition in one text.
func (s *site) llmsFull(c echo.Context, e *edition) error {
	all, err := s.everything(e)
	if err != nil {
		return err
	}
	return sendText(c, "text/plain; charset=utf-8", all)
}

// everything is made anew for each caller: it joins pages that are kept, which takes less than a millisecond.
func (s *site) everything(e *edition) (string, error) {
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
