package docsui

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"path"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extensions "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// heading is an entry of a table of contents.
type heading struct {
	Text, ID string
	Level    int
}

// outline is what a page of Markdown has in it: its title, and the headings of the levels 2 and 3.
type outline struct {
	Title    string
	Headings []heading
}

// markdown renders Markdown of ours: tables, ids for headings, highlighted code, and no HTML in it.
type markdown struct{ engine goldmark.Markdown }

// newMarkdown makes a renderer. link says where a link leads that a page writes as it does.
func newMarkdown(link func(to string) string) markdown {
	return markdown{goldmark.New(
		goldmark.WithExtensions(extension.NewTable(
			extension.WithTableCellAlignMethod(extension.TableCellAlignNone)), extension.Linkify),
		goldmark.WithParserOptions(parser.WithAutoHeadingID()),
		goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(&nodes{link: link}, 100))),
	)}
}

// outline reads the headings of a page.
func (m markdown) outline(source string) outline {
	raw := []byte(source)
	var out outline
	doc := m.engine.Parser().Parse(text.NewReader(raw))
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		h, ok := n.(*ast.Heading)
		if !ok || h.Level > 3 {
			continue
		}
		name := plain(h, raw)
		if h.Level == 1 {
			out.Title = name
			continue
		}
		id, _ := h.AttributeString("id")
		given, _ := id.([]byte)
		out.Headings = append(out.Headings, heading{name, string(given), h.Level})
	}
	return out
}

// render renders a page without its title.
func (m markdown) render(source string) (template.HTML, error) {
	var b bytes.Buffer
	if err := m.engine.Convert([]byte(source), &b); err != nil {
		return "", fmt.Errorf("docsui: %w", err)
	}
	return template.HTML(b.String()), nil //nolint:gosec // goldmark escapes, and leaves out raw HTML
}

// text renders a description.
func (m markdown) text(source string) template.HTML {
	if source == "" {
		return ""
	}
	out, err := m.render(source)
	if err != nil {
		return template.HTML(html.EscapeString(source)) //nolint:gosec // escaped
	}
	return out
}

// plain is the text in a node.
func plain(n ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if t, ok := n.(*ast.Text); ok && entering {
			b.Write(t.Segment.Value(source))
			if t.SoftLineBreak() {
				b.WriteByte(' ')
			}
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// nodes renders the nodes that need more than goldmark does.
type nodes struct {
	link func(to string) string
	tabs int // groups of tabs so far, for ids
}

// RegisterFuncs implements renderer.NodeRenderer.
func (r *nodes) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(ast.KindHeading, r.heading)
	reg.Register(ast.KindFencedCodeBlock, r.code)
	reg.Register(ast.KindLink, r.anchor)
	reg.Register(extensions.KindTable, r.table)
}

func (r *nodes) heading(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	h := n.(*ast.Heading) //nolint:forcetypeassert // registered for it
	if h.Level == 1 {
		return ast.WalkSkipChildren, nil // the page has it
	}
	id, _ := h.AttributeString("id")
	if entering {
		_, err := fmt.Fprintf(w, `<h%d id="%s">`, h.Level, id)
		return ast.WalkContinue, err
	}
	_, err := fmt.Fprintf(w, ` <a class="anchor" href="#%s" aria-label="Link to this section">#</a></h%d>`+"\n", id,
		h.Level)
	return ast.WalkContinue, err
}

func (r *nodes) anchor(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		_, err := w.WriteString("</a>")
		return ast.WalkContinue, err
	}
	to := string(n.(*ast.Link).Destination) //nolint:forcetypeassert // registered for it
	if !safe.MatchString(to) {
		to = ""
	}
	_, err := fmt.Fprintf(w, `<a href="%s">`, html.EscapeString(r.link(to)))
	return ast.WalkContinue, err
}

// safe are addresses that run nothing.
var safe = regexp.MustCompile(`^(https?://|mailto:|[^:]*$)`)

func (r *nodes) table(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
	out := `<div class="scroll" tabindex="0" role="group" aria-label="Table"><table>` + "\n"
	if !entering {
		out = "</tbody>\n</table></div>\n"
	}
	_, err := w.WriteString(out)
	return ast.WalkContinue, err
}

// code renders a block of code. Blocks that follow each other and have a tab each are tabs of one group, which radio
// buttons switch without any script.
func (r *nodes) code(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	block := n.(*ast.FencedCodeBlock) //nolint:forcetypeassert // registered for it
	var code strings.Builder
	for i := range block.Lines().Len() {
		line := block.Lines().At(i)
		code.Write(line.Value(source))
	}
	name := tabOf(n, source)
	var out strings.Builder
	if name != "" && tabOf(n.PreviousSibling(), source) == "" {
		r.tabs++
		var names []string
		for at := n; tabOf(at, source) != ""; at = at.NextSibling() {
			names = append(names, tabOf(at, source))
		}
		out.WriteString(tabsOpen(fmt.Sprintf("t%d", r.tabs), names))
	}
	shown := codeBlock(string(block.Language(source)), code.String())
	if name != "" {
		shown = tabPanel(name, shown)
	}
	out.WriteString(shown)
	if name != "" && tabOf(n.NextSibling(), source) == "" {
		out.WriteString("</fieldset>\n")
	}
	_, err := w.WriteString(out.String())
	return ast.WalkContinue, err
}

// tabsOpen begins a group of tabs with a name of its own on the page.
func tabsOpen(group string, names []string) string {
	var b strings.Builder
	b.WriteString(`<fieldset class="tabs"><legend class="unseen">Language of the code</legend>` + "\n")
	for i, name := range names {
		checked := ""
		if i == 0 {
			checked = " checked"
		}
		name = html.EscapeString(name)
		fmt.Fprintf(&b, `<input type="radio" name="%s" id="%s-%d" data-tab="%s"%s><label for="%s-%d">%s</label>`+"\n",
			group, group, i, name, checked, group, i, name)
	}
	return b.String()
}

func tabPanel(name, code string) string {
	return `<div class="panel"><p class="print">` + html.EscapeString(name) + "</p>" + code + "</div>\n"
}

var tabbed = regexp.MustCompile(`\btab="([^"]*)"`)

// tabOf is the tab that a node is; empty when it is none.
func tabOf(n ast.Node, source []byte) string {
	block, ok := n.(*ast.FencedCodeBlock)
	if !ok || block.Info == nil {
		return ""
	}
	if m := tabbed.FindSubmatch(block.Info.Segment.Value(source)); m != nil {
		return string(m[1])
	}
	return ""
}

// resolve makes links between files, as a page in folder writes them, links between pages below base.
func resolve(base, folder, to string) string {
	file, fragment, _ := strings.Cut(to, "#")
	if fragment != "" {
		fragment = "#" + fragment
	}
	switch {
	case strings.Contains(file, ":"):
	case strings.HasPrefix(file, "/docs/"):
		return base + strings.TrimPrefix(file, "/docs") + fragment
	case strings.HasSuffix(file, ".md"):
		slug := strings.TrimSuffix(path.Join("/", folder, file), ".md")
		return base + strings.TrimSuffix(slug, "/index") + fragment
	}
	return to
}
