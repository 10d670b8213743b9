package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// The oldest versions that the SDKs promise. Of each, the newest patch that the Go proxy and npm have.
const (
	oldestGo     = "go1.24.13"
	oldestPython = "3.9"
	oldestNode   = "20"
	nodePackage  = "node@20.19.0"
)

// place is where the promises are checked.
type place struct {
	root     string   // the tree
	folder   string   // a temporary one, in which ourSDKs has built the SDKs
	runtimes string   // in it, the sources beside this file with their npm packages; empty without npm
	env      []string // the running hookline dev
}

// promise is one thing that the SDKs promise. Its check returns what was seen, and fails with errMissing where
// something is not installed.
type promise struct {
	name  string
	check func(context.Context, place) (seen string, err error)
}

// promises checks them one after the other: each needs the whole machine.
func promises(ctx context.Context, folder string, env []string, report *report) error {
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	p := place{root: root, folder: folder, env: env}
	if p.runtimes, err = installRuntimes(ctx, root, folder); err != nil {
		report.line("SKIP  npm packages of the checks: %v", err)
	}
	var failed []error
	for _, one := range []promise{
		{"Go 1.24", onOldestGo}, {"Python 3.9", onOldestPython}, {"types of Python 3.9, with the samples", pythonTypes},
		{"Node 20", onOldestNode}, {"a browser", inBrowser}, {"a worker", inWorker},
		{"samples in TypeScript", typescriptSamples}, {"receivers in C#, syntax only", csharpSyntax},
	} {
		seen, err := one.check(ctx, p)
		switch {
		case errors.Is(err, errMissing):
			report.line("SKIP  %s: %v", one.name, err)
		case err != nil:
			report.line("FAIL  %s: %v", one.name, err)
			failed = append(failed, fmt.Errorf("%s failed", one.name))
		default:
			report.line("ok    %s: %s", one.name, seen)
		}
	}
	return errors.Join(failed...)
}

// installRuntimes copies the sources of the checks, with the test vectors, and installs their npm packages.
func installRuntimes(ctx context.Context, root, folder string) (string, error) {
	at := filepath.Join(folder, "runtimes")
	if err := os.CopyFS(at, os.DirFS(filepath.Join(root, "deploy", "dev", "sdk", "runtimes"))); err != nil {
		return "", err
	}
	vectors, err := os.ReadFile(filepath.Join(root, "pkg", "webhook", "testdata", "vectors.json"))
	if err == nil {
		err = os.WriteFile(filepath.Join(at, "vectors.json"), vectors, 0o600)
	}
	if err != nil {
		return "", err
	}
	if output, err := command(ctx, at, os.Environ(), []string{"npm", "ci", "--ignore-scripts", "--no-audit",
		"--no-fund"}); err != nil {
		return "", fmt.Errorf("%w: npm can't install them (%w)\n%s", errMissing, err, first(output))
	}
	return at, nil
}

// onOldestGo compiles, vets and tests the Go modules with the oldest toolchain, which the go command downloads.
func onOldestGo(ctx context.Context, p place) (string, error) {
	tool := cmp.Or(os.Getenv("GO"), "go")
	env := append(os.Environ(), "GOTOOLCHAIN="+oldestGo, "GOWORK=off", "CGO_ENABLED=0")
	if output, err := command(ctx, p.folder, env, []string{tool, "version"}); err != nil {
		return "", fmt.Errorf("%w: the toolchain %s can't be had: %s", errMissing, oldestGo,
			strings.TrimSpace(string(output)))
	}
	for _, module := range []string{"client", "webhook"} {
		if output, err := command(ctx, filepath.Join(p.root, "pkg", module), env, []string{tool, "test",
			"./..."}); err != nil { // go test also vets
			return "", failed(fmt.Errorf("pkg/%s: %w", module, err), output)
		}
	}
	return "pkg/client and pkg/webhook with " + oldestGo, nil
}

// onOldestPython runs the tests and the newcomer's script with an interpreter of the oldest version.
func onOldestPython(ctx context.Context, p place) (string, error) {
	python, err := findPython(ctx, oldestPython)
	if err != nil {
		return "", err
	}
	env := append(p.env, "PYTHONPATH="+filepath.Join(p.root, "pkg", "python", "src")+string(os.PathListSeparator)+
		filepath.Join(p.root, "pkg", "python", "tests"))
	for _, args := range [][]string{
		{python, "-B", "-W", "error", "-m", "unittest", "discover", "-q", "-s", "pkg/python/tests"},
		{python, "-B", "docs/samples/quickstart/quickstart.py"},
	} {
		if output, err := command(ctx, p.root, env, args); err != nil {
			return "", failed(err, output)
		}
	}
	return "the tests and the quickstart with " + python, nil
}

// findPython finds an interpreter of a version: on the path, or one that pyenv installed and does not show there.
func findPython(ctx context.Context, version string) (string, error) {
	pyenv := cmp.Or(os.Getenv("PYENV_ROOT"), filepath.Join(os.Getenv("HOME"), ".pyenv"))
	installed, err := filepath.Glob(filepath.Join(pyenv, "versions", version+".*", "bin", "python3"))
	if err != nil {
		return "", err
	}
	for _, python := range append([]string{"python" + version, "python3"}, installed...) {
		output, err := command(ctx, ".", os.Environ(), []string{python, "-c",
			"import sys; print('%d.%d' % sys.version_info[:2])"})
		if err == nil && strings.TrimSpace(string(output)) == version {
			return python, nil
		}
	}
	return "", fmt.Errorf("%w: Python %s; only its types were checked. Install it, for example: pyenv install %s",
		errMissing, version, version)
}

// onOldestNode runs the tests of the TypeScript SDK with Node of the oldest version: the installed one, or npm's.
func onOldestNode(ctx context.Context, p place) (string, error) {
	built, err := p.typescript()
	if err != nil {
		return "", err
	}
	node, version, err := findNode(ctx, p.folder)
	if err != nil {
		return "", err
	}
	env := append(p.env, "HOOKLINE_VECTORS="+filepath.Join(p.root, "pkg", "webhook", "testdata", "vectors.json"))
	if output, err := command(ctx, p.root, env, []string{node, "--test", filepath.Join(built, "tests")}); err != nil {
		return "", failed(err, output)
	}
	return "the tests with " + version, nil
}

// findNode finds Node of the oldest version, or has npm install it in a folder.
func findNode(ctx context.Context, folder string) (node, version string, err error) {
	is := func(node string) bool {
		output, err := command(ctx, folder, os.Environ(), []string{node, "--version"})
		version = strings.TrimSpace(string(output))
		return err == nil && strings.HasPrefix(version, "v"+oldestNode+".")
	}
	if is("node") {
		return "node", version, nil
	}
	output, err := command(ctx, folder, os.Environ(), []string{"npm", "install", "--prefix", "node-20", "--no-audit",
		"--no-fund", nodePackage})
	if node = filepath.Join(folder, "node-20", "node_modules", ".bin", "node"); err == nil && is(node) {
		return node, version, nil
	}
	return "", "", fmt.Errorf("%w: Node %s, and npm can't install %s\n%s", errMissing, oldestNode, nodePackage,
		first(output))
}

// typescript is the folder of the SDK that buildTypeScript built.
func (p place) typescript() (string, error) {
	built := filepath.Join(p.folder, "typescript")
	if _, err := os.Stat(filepath.Join(built, "dist", "index.js")); err != nil {
		return "", fmt.Errorf("%w: the tools of pkg/typescript, so it was not built", errMissing)
	}
	return built, nil
}

// npm is the path of something in an npm package of the checks.
func (p place) npm(ctx context.Context, expression string) (string, error) {
	if p.runtimes == "" {
		return "", fmt.Errorf("%w: the npm packages of deploy/dev/sdk/runtimes", errMissing)
	}
	cmd := exec.CommandContext(ctx, "node", "-p", expression)
	cmd.Dir = p.runtimes
	output, err := cmd.Output()
	return strings.TrimSpace(string(output)), err
}
