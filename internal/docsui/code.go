package docsui

import (
	"html"
	"html/template"
	"strings"
	"sync"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
)

// classOf is the class of a token, whose colours for both themes are in code.css; empty for what has that of the text.
func classOf(t chroma.TokenType) string {
	switch {
	case t == chroma.KeywordType, t == chroma.NameClass, t == chroma.NameException, t == chroma.NameNamespace:
		return "t"
	case t.InCategory(chroma.Keyword), t == chroma.OperatorWord:
		return "k"
	case t.InSubCategory(chroma.LiteralString), t == chroma.LiteralDate:
		return "s"
	case t.InSubCategory(chroma.LiteralNumber):
		return "m"
	case t.InCategory(chroma.Comment):
		return "c"
	case t == chroma.NameTag, t == chroma.NameAttribute, t.InSubCategory(chroma.NameFunction):
		return "f"
	case t.InSubCategory(chroma.NameBuiltin), t.InSubCategory(chroma.NameVariable):
		return "v"
	}
	return ""
}

// highlight marks the tokens of a language; code of an unknown one is only escaped.
func highlight(language, code string) string {
	code = strings.TrimRight(code, "\n")
	lexer := lexers.Get(language)
	if lexer == nil {
		return html.EscapeString(code)
	}
	tokens, err := chroma.Coalesce(lexer).Tokenise(nil, code)
	if err != nil {
		return html.EscapeString(code)
	}
	var b strings.Builder
	for _, token := range tokens.Tokens() {
		text := html.EscapeString(token.Value)
		if class := classOf(token.Type); class != "" && strings.TrimSpace(text) != "" {
			text = `<span class="` + class + `">` + text + "</span>"
		}
		b.WriteString(text)
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
	made := `<div class="command"><pre tabindex="0"><code class="code">` + highlight(language, code) +
		`</code></pre><button type="button" data-copy hidden>Copy</button></div>` + "\n"
	codeBlocks.Store(key{language, code}, made)
	return made
}

// codeHTML is codeBlock for templates.
func codeHTML(language, code string) template.HTML {
	return template.HTML(codeBlock(language, code)) //nolint:gosec // the code is escaped
}
