package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/hookline/hookline/internal/profile"
)

// csharpSyntax parses the receivers in C#. Their types are checked where the .NET SDK is installed, by make test:
// Debian has none, and Mono's compiler knows C# 7, where the receivers are C# 9.
func csharpSyntax(ctx context.Context, p place) (string, error) {
	checker, err := p.npm(ctx, "require.resolve('./csharp.cjs')")
	if err != nil {
		return "", err
	}
	program, err := os.ReadFile(filepath.Join(p.root, "docs", "samples", "verify", "Program.cs"))
	if err != nil {
		return "", err
	}
	code := map[string]string{"Program.cs": string(program)}
	for _, name := range profile.All() {
		for _, s := range profile.Of(name).Snippets() {
			if s.Language == "C#" {
				code["Webhooks-"+name+".cs"] = s.Code
			}
		}
	}
	args := []string{"node", checker}
	for _, name := range slices.Sorted(maps.Keys(code)) {
		if err := os.WriteFile(filepath.Join(p.runtimes, name), []byte(code[name]), 0o600); err != nil {
			return "", err
		}
		args = append(args, name)
	}
	if output, err := command(ctx, p.runtimes, os.Environ(), args); err != nil {
		return "", failed(err, output)
	}
	return fmt.Sprintf("%d files parse; with a .NET SDK, make test compiles and runs them", len(code)), nil
}
