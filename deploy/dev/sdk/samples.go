package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

var (
	documented = regexp.MustCompile("(?m)^`[A-Z]+ \\S+` \\((\\w+)\\)$")
	fenced     = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)\n```$")
)

// sample is what the reference shows for an operation.
type sample struct{ operation, code string }

// samplesIn are the samples of the reference in a language, as the running hookline dev publishes them.
func (p place) samplesIn(ctx context.Context, language string) ([]sample, error) {
	raw, err := download(ctx, p.setting("HOOKLINE_URL")+"/docs/llms-full.txt")
	if err != nil {
		return nil, err
	}
	var out []sample
	for _, section := range strings.Split(string(raw), "\n## ") {
		operation := documented.FindStringSubmatch(section)
		_, shown, found := strings.Cut(section, "\n### Samples\n")
		if operation == nil || !found {
			continue
		}
		for _, block := range fenced.FindAllStringSubmatch(shown, -1) {
			if block[1] == language {
				out = append(out, sample{operation[1], block[2]})
			}
		}
	}
	if len(out) < 100 {
		return nil, fmt.Errorf("samples in %s: got %d, want at least 100", language, len(out))
	}
	return out, nil
}

// setting is a variable of the environment of the checks; the last one counts.
func (p place) setting(name string) string {
	value := ""
	for _, one := range p.env {
		if v, ok := strings.CutPrefix(one, name+"="); ok {
			value = v
		}
	}
	return value
}

// typescriptSamples compiles them in the project beside the SDK, against its types.
func typescriptSamples(ctx context.Context, p place) (string, error) {
	built, err := p.typescript()
	if err != nil {
		return "", err
	}
	all, err := p.samplesIn(ctx, "typescript")
	if err != nil {
		return "", err
	}
	var code strings.Builder
	code.WriteString("import { Hookline } from '@hookline/sdk';\n\nconst hookline = new Hookline();\n")
	for _, s := range all {
		fmt.Fprintf(&code, "\n// %s\n{\n%s\n}\n", s.operation, s.code)
	}
	use := filepath.Join(built, "use")
	if err := os.WriteFile(filepath.Join(use, "samples.ts"), []byte(code.String()), 0o600); err != nil {
		return "", err
	}
	modules, err := command(ctx, p.root, os.Environ(), []string{"sh", "deploy/dev/sdk/toolchain.sh", "--installed"})
	if err != nil {
		return "", failed(err, modules)
	}
	compiler := filepath.Join(strings.TrimSpace(string(modules)), ".bin", "tsc")
	if output, err := command(ctx, use, os.Environ(), []string{compiler, "--noEmit", "--strict",
		"--noUncheckedIndexedAccess", "--target", "ES2022", "--module", "NodeNext", "--lib", "ES2022,DOM,DOM.Iterable",
		"--types", "node", "samples.ts"}); err != nil {
		return "", failed(err, output)
	}
	return fmt.Sprintf("%d compile", len(all)), nil
}

// pythonTypes has pyright read the package and the samples as Python 3.9: it knows which names of the standard library
// came later.
func pythonTypes(ctx context.Context, p place) (string, error) {
	checker, err := p.npm(ctx, "require.resolve('pyright/index.js')")
	if err != nil {
		return "", err
	}
	all, err := p.samplesIn(ctx, "python")
	if err != nil {
		return "", err
	}
	var code strings.Builder
	code.WriteString("from hookline import Hookline\n\nhookline = Hookline()\n")
	for _, s := range all {
		fmt.Fprintf(&code, "\n# %s\n%s\n", s.operation, s.code)
	}
	at := filepath.Join(p.runtimes, "python")
	if err := os.CopyFS(filepath.Join(at, "src"), os.DirFS(filepath.Join(p.root, "pkg", "python", "src"))); err != nil {
		return "", err
	}
	quickstart, err := os.ReadFile(filepath.Join(p.root, "docs", "samples", "quickstart", "quickstart.py"))
	if err == nil {
		err = os.WriteFile(filepath.Join(at, "quickstart.py"), quickstart, 0o600)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(at, "samples.py"), []byte(code.String()), 0o600)
	}
	if err != nil {
		return "", err
	}
	if output, err := command(ctx, p.runtimes, os.Environ(), []string{"node", checker}); err != nil {
		return "", failed(err, output)
	}
	return fmt.Sprintf("the package, the quickstart and %d samples", len(all)), nil
}
