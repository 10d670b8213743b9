package docsui

import (
	"html"
	"html/template"
	"strings"
	"sync"

	"github.com/alecthomas/chroma/v2"
	chromahtml "github.com/alecthomas/chroma/v2/formatters/html"
	"github.com/alecthomas/chroma/v2/lexers"
	"github.com/alecthomas/chroma/v2/styles"
)

// formatter marks code with classes, whose colours code.css has for both themes.
var formatter = chromahtml.New(chromahtml.WithClasses(true), chromahtml.PreventSurroundingPre(true))

// highlight marks the code of a language; of an unknown one it is only escaped.
func highlight(language, code string) string {
	code = strings.TrimRight(code, "\n")
	lexer := lexers.Get(language)
	if lexer == nil {
		return html.EscapeString(code)
	}
	tokens, err := chroma.Coalesce(lexer).Tokenise(nil, code)
	var b strings.Builder
	if err == nil {
		err = formatter.Format(&b, styles.Fallback, tokens)
	}
	if err != nil {
		return html.EscapeString(code)
	}
	return strings.TrimRight(b.String(), "\n")
}

// codeBlocks has the results of codeBlock. All code is part of the program, and much of it is on the pages of several
// products.
var codeBlocks sync.Map

// codeBlock is code with a button that copies it.
func codeBlock(language, code string) string {
	type key struct{ language, code string }
	if made, ok := codeBlocks.Load(key{language, code}); ok {
		return made.(string) //nolint:forcetypeassert // stored below
	}
	made := `<div class="command"><pre tabindex="0"><code class="chroma">` + highlight(language, code) +
		`</code></pre><button type="button" data-copy hidden>Copy</button></div>` + "\n"
	codeBlocks.Store(key{language, code}, made)
	return made
}

// codeHTML is codeBlock for templates.
func codeHTML(language, code string) template.HTML {
	return template.HTML(codeBlock(language, code)) //nolint:gosec // chroma escapes
}
