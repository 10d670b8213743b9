package main

import (
	"context"
	"os"
	"os/exec"
)

// tool is a program that tests run: interpreters of what consumers verify webhooks with, a browser, a pooler. The first
// of its names that is on the machine is taken; variable, when it has one, carries the path. A large one is not
// installed, and tests do without it.
type tool struct {
	names    []string
	pkg      string
	variable string
	large    bool
}

func tools() []tool {
	return []tool{
		{names: []string{"python3"}, pkg: "python3"}, {names: []string{"node"}, pkg: "nodejs"},
		{names: []string{"php"}, pkg: "php-cli"}, {names: []string{"ruby"}, pkg: "ruby"},
		{names: []string{"pgbouncer", "/usr/sbin/pgbouncer"}, pkg: "pgbouncer"},
		{names: []string{"prometheus"}, pkg: "prometheus"},                   // with promtool
		{names: []string{"javac"}, pkg: "default-jdk-headless", large: true}, // 116 MB, and 260 MB on disk
		{names: []string{"chromium-headless-shell", "chrome-headless-shell", "chromium", "chromium-browser",
			"google-chrome"}, pkg: "chromium-headless-shell", variable: "HOOKLINE_TEST_CHROMIUM"},
	}
}

// find returns where a tool is; empty when it is missing.
func (t tool) find() string {
	if path := os.Getenv(t.variable); t.variable != "" && path != "" {
		return path
	}
	for _, name := range t.names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// bringTools installs the tools that are missing, where we may, and returns the variables that say where they are. It
// does not fail without one: the test that needs it does, and says how to get it, while all others run.
func (s *stack) bringTools(ctx context.Context) []variable {
	var env []variable
	for _, t := range tools() {
		path := t.find()
		switch {
		case path != "":
		case t.large:
			say("%s is missing, and what tests run with it is not tested: install the package %s, which is too "+
				"large to do it unasked", t.names[0], t.pkg)
		default:
			if err := s.install(ctx, t.pkg); err != nil {
				say("%s is missing, and tests that run it will fail: %v", t.names[0], err)
			}
			path = t.find()
		}
		if t.variable != "" && path != "" {
			env = append(env, variable{t.variable, path})
		}
	}
	return env
}
