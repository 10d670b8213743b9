package docsui

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"
	"sync"

	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/profile"
)

// referencePage makes a page about the contract: all operations, those of a tag, or the payloads of webhooks.
func (s *site) referencePage(e *edition, slug string) *shown {
	p := &shown{Slug: slug, Title: s.titleOf(e, slug), Wide: true}
	name, data := "operations", any(nil)
	switch slug {
	case reference:
		p.Title, p.Wide = "API reference", false
		p.Summary = "Every operation of the API by what it is about, with the permission that it takes."
		name, data = "overview", struct {
			Base, Key string
			Tags      []tag
		}{e.base, profile.Of(e.name).Keys.Test, e.tags}
		p.Markdown = e.overviewMarkdown(p)
		for _, t := range e.tags {
			p.Headings = append(p.Headings, heading{t.Title, t.Name, 2})
		}
	case reference + "/payloads":
		p.Summary = "The requests that endpoints receive: headers, schema and an example of each event type."
		name, data = "payloads", struct {
			Base     string
			Payloads []payload
			Products []ui.Link
		}{e.base, e.payloads, s.products(e)}
		p.Markdown = e.payloadsMarkdown(p)
		for _, event := range e.payloads {
			p.Headings = append(p.Headings, heading{event.Name, event.ID, 2})
		}
	default:
		t, _ := e.tag(strings.TrimPrefix(slug, reference+"/"))
		p.Summary, data = t.Description, struct {
			tag
			Base string
		}{t, e.base}
		p.Markdown = e.tagMarkdown(t)
		for _, o := range t.Operations {
			p.Headings = append(p.Headings, heading{o.Summary, o.ID, 2})
		}
	}
	p.HTML = sync.OnceValues(func() (template.HTML, error) { return s.part(name, data) })
	return p
}

// products are the pages of payloads for the products with conventions of their own; none on a product's own page.
func (s *site) products(e *edition) []ui.Link {
	if e.name != profile.Default {
		return nil
	}
	var out []ui.Link
	for _, name := range profile.All() {
		if name != profile.Default {
			out = append(out, ui.Link{Text: s.titleOf(e, "profiles/"+name),
				Href: baseOf(name) + "/" + reference + "/payloads"})
		}
	}
	return out
}

// part renders a template of the reference.
func (s *site) part(name string, data any) (template.HTML, error) {
	var b bytes.Buffer
	if err := s.parts.ExecuteTemplate(&b, name, data); err != nil {
		return "", fmt.Errorf("docsui: %w", err)
	}
	return template.HTML(b.String()), nil //nolint:gosec // made by html/template
}

// tabsHTML shows samples as tabs; id is one of the page's own.
func tabsHTML(id string, samples []sample) template.HTML {
	names := make([]string, len(samples))
	for i, s := range samples {
		names[i] = s.Name
	}
	out := tabsOpen("s-"+id, names)
	for _, s := range samples {
		out += tabPanel(s.Name, codeBlock(s.Language, s.Code))
	}
	return template.HTML(out + "</fieldset>") //nolint:gosec // chroma escapes; ids are operations of the contract
}

func (e *edition) overviewMarkdown(p *shown) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n", p.Title, p.Summary)
	for _, t := range e.tags {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n"+
			"| operation | request | permission |\n|---|---|---|\n", t.Title, t.Description)
		for _, o := range t.Operations {
			fmt.Fprintf(&b, "| [%s](reference/%s.md) | `%s %s` | `%s` |\n", o.Summary, t.Name, o.Method, o.Path,
				o.Permission)
		}
	}
	return b.String()
}

func (e *edition) tagMarkdown(t tag) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n", t.Title, t.Description)
	for _, o := range t.Operations {
		fmt.Fprintf(&b, "\n## %s\n\n`%s %s` (%s)\n\n%s\n\n", o.Summary, o.Method, o.Path, o.ID,
			strings.TrimSpace(o.Plain))
		for _, need := range [][2]string{{"Permission", o.Permission}, {"Entitlement", o.Entitlement},
			{"Credits", o.Credits}, {"Bytes of the body, at most", o.BodyLimit}} {
			if need[1] != "" {
				fmt.Fprintf(&b, "- %s: `%s`\n", need[0], need[1])
			}
		}
		if len(o.Parameters) > 0 {
			b.WriteString("\n### Parameters\n\n")
			writeParameters(&b, o.Parameters)
		}
		if len(o.Body) > 0 {
			b.WriteString("\n### Body\n\n")
			writeFields(&b, o.Body, "")
		}
		for _, r := range o.Responses {
			fmt.Fprintf(&b, "\n### Response %s\n\n%s\n\n", r.Status, strings.TrimSpace(r.Plain))
			writeFields(&b, r.Fields, "")
			if r.Example != "" {
				fmt.Fprintf(&b, "\n```json\n%s\n```\n", strings.TrimRight(r.Example, "\n"))
			}
		}
		b.WriteString("\n### Errors\n\n")
		for _, r := range o.Errors {
			fmt.Fprintf(&b, "- `%s`: %s\n", r.Status, oneLine(r.Plain))
		}
		b.WriteString("\n### Samples\n")
		for _, s := range o.Samples {
			fmt.Fprintf(&b, "\n```%s\n%s\n```\n", s.Language, s.Code)
		}
	}
	return b.String()
}

func (e *edition) payloadsMarkdown(p *shown) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n", p.Title, p.Summary)
	for _, event := range e.payloads {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n### Headers\n\n", event.Name, strings.TrimSpace(event.Description))
		writeParameters(&b, event.Headers)
		b.WriteString("\n### Body\n\n")
		writeFields(&b, event.Fields, "")
		fmt.Fprintf(&b, "\n```json\n%s\n```\n", event.Example)
	}
	return b.String()
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func writeParameters(b *strings.Builder, all []parameter) {
	for _, p := range all {
		fmt.Fprintf(b, "- `%s` (%s%s): %s\n", p.Name, strings.Join(append([]string{p.In, p.Type}, p.Notes...), ", "),
			required(p.Required), oneLine(p.Plain))
	}
}

func writeFields(b *strings.Builder, all []field, indent string) {
	for _, f := range all {
		fmt.Fprintf(b, "%s- `%s` (%s%s): %s\n", indent, f.Name, strings.Join(append([]string{f.Type}, f.Notes...), ", "),
			required(f.Required), oneLine(f.Plain))
		writeFields(b, f.Fields, indent+"  ")
	}
}

func required(is bool) string {
	if is {
		return ", required"
	}
	return ""
}
