package main

import (
	"cmp"
	"os"
	"path/filepath"
)

// language is a folder of sources beside this one with the generators of one language.
type language struct {
	sources    string
	needs      []string // programs that must be installed
	prepare    []string // a command, before the first generator
	generators []generator
}

type generator struct {
	name  string
	steps []step
}

// step is a command, and what is said of the client when it fails.
type step struct {
	otherwise string
	args      []string
}

const (
	notGenerated = "is not generated"
	notCompiled  = "does not compile"
	notCalling   = "fails at the calls"
)

func inGo() language {
	tool := cmp.Or(os.Getenv("GO"), "go")
	// client generates a package, and builds and runs with-<name>. What was compiled in another temporary folder before
	// is found in the build cache with -trimpath.
	client := func(name, generated string, generate ...string) generator {
		program := "with-" + name
		return generator{name, []step{
			{notGenerated, append([]string{tool, "tool", name}, generate...)},
			{notCompiled, []string{tool, "build", "-trimpath", "-o", program, "./" + program}},
			{notCompiled, []string{tool, "vet", "-trimpath", "./" + generated, "./" + program}},
			{notCalling, []string{filepath.Join(".", program, program)}},
		}}
	}
	return language{sources: "golang", needs: []string{tool}, generators: []generator{
		client("oapi-codegen", "oapi", "-config", "oapi-codegen.yaml", "openapi.json"),
		client("ogen", "ogen", "--config", "ogen.yaml", "--target", "ogen", "--package", "ogen", "openapi.json"),
	}}
}

func inTypeScript() language {
	// client generates into generated, and compiles and runs <name>.ts.
	client := func(name string, generate ...string) generator {
		build := filepath.Join("build", name)
		return generator{name, []step{
			{notGenerated, append([]string{"npx", "--no-install"}, generate...)},
			{notCompiled, []string{"npx", "--no-install", "tsc", "--strict", "--noUncheckedIndexedAccess",
				"--target", "ES2022", "--module", "NodeNext", "--lib", "ES2023,DOM,DOM.Iterable", "--types", "node",
				"--outDir", build, name + ".ts"}},
			{notCalling, []string{"node", filepath.Join(build, name+".js")}},
		}}
	}
	return language{sources: "node", needs: []string{"node", "npm"},
		prepare: []string{"npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"},
		generators: []generator{
			client("openapi-typescript", "openapi-typescript", "openapi.json", "-o", "generated/openapi-typescript.ts"),
			client("hey-api", "openapi-ts", "-i", "openapi.json", "-o", "generated/hey-api"),
			client("orval", "orval"),
		}}
}
