// Command sdk generates what the SDKs have of the contract: a method for each published operation and the types of what
// it takes and returns, and the types of webhooks.
//
//	pkg/client/*.gen.go                    Go, with pkg/webhook/events.gen.go
//	pkg/python/src/hookline/_*.py          Python
//	pkg/typescript/src/*.gen.ts            TypeScript; its types are those of gen/typescript
//
// It runs in openapi/ as a part of "make generate". With -document it only prints the published document, from which
// other generators make types.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/hookline/hookline/internal/contract"
)

func main() {
	root := flag.String("root", "..", "folder of the repository")
	print := flag.Bool("document", false, "print the published document and do nothing else")
	flag.Parse()
	if err := run(*root, *print); err != nil {
		fmt.Fprintln(os.Stderr, "sdk:", err)
		os.Exit(1)
	}
}

func run(root string, print bool) error {
	c, err := contract.Load()
	if err != nil {
		return err
	}
	published, err := c.Publish(contract.Edition{Name: "everything"})
	if err != nil {
		return err
	}
	if print {
		_, err := os.Stdout.Write(published.JSON.Plain)
		return err
	}
	doc, err := parse(published.YAML.Plain)
	if err != nil {
		return err
	}
	made, err := newModel(doc)
	if err != nil {
		return err
	}
	for _, write := range []func(*model) ([]file, error){goFiles, pythonFiles, typescriptFiles} {
		files, err := write(made)
		if err != nil {
			return err
		}
		for _, f := range files {
			if err := os.WriteFile(filepath.Join(root, f.path), f.content, 0o644); err != nil { //nolint:gosec // code
				return err
			}
		}
	}
	return nil
}

// file is a generated file; its path begins at the root of the repository.
type file struct {
	path    string
	content []byte
}
