package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// sdk is one of our SDKs, or curl for those who have none. Its tests need no server; its newcomer's script is the
// quickstart, from an API key to a verified webhook.
type sdk struct {
	name  string
	tools []string // programs that must be installed
	// build prepares a folder, and returns the variables that the other commands need. It fails with errMissing where
	// something is not installed.
	build  func(ctx context.Context, root, folder string, full bool) (env []string, err error)
	tests  [][]string // in the root of the tree
	script []string
}

var errMissing = errors.New("not installed")

// sdks are checked one after the other: their scripts are timed.
func sdks(folder string) []sdk {
	tool := cmp.Or(os.Getenv("GO"), "go")
	typescript := filepath.Join(folder, "typescript")
	return []sdk{
		{name: "curl", tools: []string{"curl", "jq", "openssl"}, script: []string{"sh",
			"docs/samples/quickstart/quickstart.sh"}},
		{name: "Go", tools: []string{tool}, build: func(ctx context.Context, root, folder string, _ bool) ([]string,
			error) {
			output, err := command(ctx, root, os.Environ(), []string{tool, "build", "-o", filepath.Join(folder,
				"quickstart"),
				"./docs/samples/quickstart/go"})
			return nil, failed(err, output)
		}, script: []string{filepath.Join(folder, "quickstart")}}, // make test runs its tests with all others
		{name: "Python", tools: []string{"python3"}, build: buildPython,
			tests:  [][]string{{"python3", "-B", "-m", "unittest", "discover", "-q", "-s", "pkg/python/tests"}},
			script: []string{"python3", "-B", "docs/samples/quickstart/quickstart.py"}},
		{name: "TypeScript", tools: []string{"node"}, build: buildTypeScript,
			tests:  [][]string{{"node", "--test", filepath.Join(typescript, "tests")}},
			script: []string{"node", filepath.Join(typescript, "use", "quickstart.js")}},
	}
}

// check builds an SDK, runs its tests and its newcomer's script, and reports how long the script took.
func (s sdk) check(ctx context.Context, root, folder string, full bool, env []string) (line string, err error) {
	for _, tool := range s.tools {
		if _, err := exec.LookPath(tool); err != nil {
			return "", fmt.Errorf("%w: %s; install it to check the SDK", errMissing, tool)
		}
	}
	if s.build != nil {
		more, err := s.build(ctx, root, folder, full)
		if err != nil {
			return "", err
		}
		env = append(env, more...)
	}
	for _, test := range s.tests {
		if output, err := command(ctx, root, env, test); err != nil {
			return "", failed(fmt.Errorf("the tests: %w", err), output)
		}
	}
	began := time.Now()
	output, err := command(ctx, root, env, s.script)
	if err != nil {
		return "", failed(fmt.Errorf("the newcomer's script: %w", err), output)
	}
	said := strings.TrimSpace(string(output))
	if !strings.HasPrefix(said, "received and verified lead.created of lead_") || strings.Contains(said, "\n") {
		return "",
			fmt.Errorf("the newcomer's script: got %q, want one line, that the webhook was received and verified", said)
	}
	return fmt.Sprintf("%s in %.1f s", said, time.Since(began).Seconds()), nil
}

func failed(err error, output []byte) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w\n%s", err, first(output))
}

// buildPython takes the package from the tree, or, in full, installs it from a wheel that it builds.
func buildPython(ctx context.Context, root, folder string, full bool) ([]string, error) {
	path := filepath.Join(root, "pkg", "python", "src")
	builder := ""
	if full {
		builder = pythonWithWheel(ctx, folder)
	}
	if builder != "" {
		// A build leaves folders beside the sources.
		sources := filepath.Join(folder, "python")
		path = filepath.Join(folder, "python-installed")
		if err := os.CopyFS(sources, os.DirFS(filepath.Join(root, "pkg", "python"))); err != nil {
			return nil, err
		}
		install := []string{builder, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index",
			"--disable-pip-version-check", "--root-user-action", "ignore", "--target", path, sources}
		if output, err := command(ctx, folder, os.Environ(), install); err != nil {
			return nil, failed(fmt.Errorf("building a wheel: %w", err), output)
		}
	}
	tests := filepath.Join(root, "pkg", "python", "tests")
	return []string{"PYTHONPATH=" + path + string(os.PathListSeparator) + tests}, nil
}

// pythonWithWheel finds a Python that can build packages; Debian's packages of pip and setuptools are for its own.
func pythonWithWheel(ctx context.Context, folder string) string {
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		// Setuptools comes first: Debian's fails when pip has imported distutils before.
		if _, err := command(ctx, folder, os.Environ(), []string{python, "-c",
			"import setuptools, wheel, pip"}); err == nil {
			return python
		}
	}
	fmt.Println("SKIP  the wheel of Python: pip, setuptools or wheel is missing, so the package is used as it is in the tree.",
		"Install them (Debian, Ubuntu: apt-get install python3-pip python3-setuptools python3-wheel).")
	return ""
}

// buildTypeScript compiles the package, and a project that uses it: the quickstart and the code of the README.
func buildTypeScript(ctx context.Context, root, folder string, full bool) ([]string, error) {
	find := []string{"sh", filepath.Join(root, "deploy", "dev", "sdk", "toolchain.sh")}
	if !full {
		find = append(find, "--installed")
	}
	tools := exec.CommandContext(ctx, find[0], find[1:]...)
	var said bytes.Buffer
	tools.Stderr = &said
	out, err := tools.Output()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", errMissing, strings.TrimSpace(said.String()))
	}
	modules := strings.TrimSpace(string(out))
	at := filepath.Join(folder, "typescript")
	use := filepath.Join(at, "use")
	if err := copyTypeScript(root, at, use, modules); err != nil {
		return nil, err
	}
	if err := compile(ctx, root, at, use, modules, full); err != nil {
		return nil, err
	}
	return []string{"HOOKLINE_VECTORS=" + filepath.Join(root, "pkg", "webhook", "testdata", "vectors.json")}, nil
}

// compile compiles the package and the project. Short of a full check, it only turns the code into JavaScript.
func compile(ctx context.Context, root, at, use, modules string, full bool) error {
	sources, err := filepath.Glob(filepath.Join(at, "src", "*.ts"))
	if err != nil {
		return err
	}
	transpile := []string{"node", filepath.Join(root, "deploy", "dev", "sdk", "transpile.cjs"), modules}
	compiler := filepath.Join(modules, ".bin", "tsc")
	inPackage := append(slices.Clone(transpile), append([]string{"dist"}, sources...)...)
	inProject := append(slices.Clone(transpile), ".", "quickstart.ts")
	if full {
		inPackage = []string{compiler}
		inProject = []string{compiler, "--strict", "--noUncheckedIndexedAccess", "--target", "ES2022", "--module",
			"NodeNext", "--lib", "ES2022,DOM,DOM.Iterable", "--types", "node", "quickstart.ts", "readme.ts"}
	}
	if output, err := command(ctx, at, os.Environ(), inPackage); err != nil {
		return failed(fmt.Errorf("compiling the package: %w", err), output)
	}
	if output, err := command(ctx, use, os.Environ(), inProject); err != nil {
		return failed(fmt.Errorf("compiling the quickstart and the README's code: %w", err), output)
	}
	return nil
}

var typescriptBlock = regexp.MustCompile("(?s)```ts\n(.*?)```")

// copyTypeScript copies the package, and lays a project that uses it beside.
func copyTypeScript(root, at, use, modules string) error {
	if err := os.CopyFS(at, os.DirFS(filepath.Join(root, "pkg", "typescript"))); err != nil {
		return err
	}
	readme, err := os.ReadFile(filepath.Join(root, "pkg", "typescript", "README.md"))
	if err != nil {
		return err
	}
	var code strings.Builder
	for _, block := range typescriptBlock.FindAllStringSubmatch(string(readme), -1) {
		code.WriteString(block[1])
	}
	if err := os.MkdirAll(filepath.Join(use, "node_modules", "@hookline"), 0o700); err != nil {
		return err
	}
	for to, from := range map[string]string{
		filepath.Join(at, "src", "types.gen.ts"): filepath.Join(root, "gen", "typescript", "types.gen.ts"),
		filepath.Join(use, "quickstart.ts"):      filepath.Join(root, "docs", "samples", "quickstart", "quickstart.ts"),
	} {
		raw, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(to, raw, 0o600)
		}
		if err != nil {
			return err
		}
	}
	return errors.Join(
		os.WriteFile(filepath.Join(use, "readme.ts"), []byte(code.String()), 0o600),
		os.WriteFile(filepath.Join(use, "package.json"), []byte(`{"type":"module"}`), 0o600),
		os.Symlink(at, filepath.Join(use, "node_modules", "@hookline", "sdk")),
		os.Symlink(filepath.Join(modules, "@types"), filepath.Join(use, "node_modules", "@types")),
		os.Symlink(filepath.Join(modules, "undici-types"), filepath.Join(use, "node_modules", "undici-types")))
}
