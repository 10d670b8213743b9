package docsui

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hookline/hookline/internal/profile"
)

// named is a sample of an operation, in the documentation of a product.
type named struct {
	Product, Operation, Code string
}

// samplesIn are all samples of the reference in a language.
func samplesIn(t *testing.T, language string) []named {
	t.Helper()
	var out []named
	for _, product := range profile.All() {
		for _, tag := range editionOf(t, product).tags {
			for _, o := range tag.Operations {
				for _, s := range o.Samples {
					if s.Name == language {
						out = append(out, named{product, o.ID, s.Code})
					}
				}
			}
		}
	}
	if len(out) < 500 {
		t.Fatalf("samples in %s: got %d, want at least 500", language, len(out))
	}
	return out
}

func root(t *testing.T, path ...string) string {
	t.Helper()
	out, err := filepath.Abs(filepath.Join(append([]string{"..", ".."}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var goCall = regexp.MustCompile(`^(?:answer, )?err := client\.(\w+)\(ctx`)

func TestEverySampleInGoCompiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	code := strings.Builder{}
	code.WriteString("package samples\n\nimport (\n\t\"context\"\n\t\"encoding/json\"\n\t\"time\"\n\n" +
		"\t\"github.com/hookline/hookline/pkg/client\"\n)\n\nvar (\n\t_ json.RawMessage\n\t_ time.Time\n)\n\n")
	for i, s := range samplesIn(t, "Go") {
		// Call takes a path, and is for what has no method.
		if m := goCall.FindStringSubmatch(s.Code); m == nil || m[1] == "Call" {
			t.Errorf("%s (%s): got %q, want a call of a method of the SDK", s.Operation, s.Product, s.Code)
		}
		if strings.HasPrefix(s.Code, "answer,") {
			s.Code += "\n\t_ = answer"
		}
		fmt.Fprintf(&code, "func %s%d(ctx context.Context, client *hookline.Client) error {\n%s\n\treturn err\n}\n\n",
			s.Operation, i, s.Code)
	}
	for name, text := range map[string]string{"samples.go": code.String(), "go.mod": "module samples\n\ngo 1.24\n\n" +
		"require github.com/hookline/hookline/pkg/client v0.0.0\n\n" +
		"replace github.com/hookline/hookline/pkg/client => " + root(t, "pkg", "client") + "\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "build", ".")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off", "GOPROXY=off")
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("samples in Go: got %v, want that they compile:\n%s", err, output)
	}
}

// pythonCheck gives each call of a sample to the signature of the method that it names.
const pythonCheck = `
import ast, inspect, json, sys
from hookline import Hookline

for sample in json.load(sys.stdin):
    where = f"{sample['Operation']} ({sample['Product']})"
    try:
        call = ast.parse(sample["Code"], feature_version=(3, 9)).body[0].value
        arguments = [ast.literal_eval(a) for a in call.args]
        named = {k.arg: ast.literal_eval(k.value) for k in call.keywords}
        inspect.signature(getattr(Hookline, call.func.attr)).bind(None, *arguments, **named)
    except (SyntaxError, AttributeError, TypeError, ValueError) as err:
        print(f"{where}: {err!r} in\n{sample['Code']}")
`

func TestEverySampleInPythonCallsAMethod(t *testing.T) {
	t.Parallel()
	all, err := json.Marshal(samplesIn(t, "Python"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("python3 is missing, so the samples in Python were not checked. Install it (Debian: apt-get install python3).")
	}
	cmd := exec.CommandContext(t.Context(), "python3", "-B", "-c", pythonCheck)
	cmd.Stdin, cmd.Env = bytes.NewReader(all), append(os.Environ(), "PYTHONPATH="+root(t, "pkg", "python", "src"))
	if output, err := cmd.CombinedOutput(); err != nil || len(output) > 0 {
		t.Errorf("samples in Python: got %v, want that each calls a method with its arguments:\n%s", err, output)
	}
}

var (
	typescriptMethod = regexp.MustCompile(`(?m)^  (?:async )?(\w+)\(`)
	typescriptCall   = regexp.MustCompile(`^const answer = await hookline\.(\w+)\(`)
)

// make sdk-check has the compiler look at them; here it is the names alone, for which nothing has to be installed.
func TestEverySampleInTypeScriptCallsAMethod(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(root(t, "pkg", "typescript", "src", "methods.gen.ts"))
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, m := range typescriptMethod.FindAllStringSubmatch(string(raw), -1) {
		known[m[1]] = true
	}
	for _, s := range samplesIn(t, "TypeScript") {
		if m := typescriptCall.FindStringSubmatch(s.Code); m == nil || !known[m[1]] {
			t.Errorf("%s (%s): got %s, want a call of a method of the SDK", s.Operation, s.Product, s.Code)
		}
	}
}

// An operation that no method calls has a sample for curl, so that no sample is a call that does not exist.
func TestOperationsWithoutAMethodHaveASampleForCurl(t *testing.T) {
	t.Parallel()
	alone := map[string]bool{}
	for _, tag := range editionOf(t, profile.Default).tags {
		for _, o := range tag.Operations {
			if len(o.Samples) == 0 || o.Samples[0].Name != "curl" {
				t.Errorf("%s: got %v, want a sample for curl", o.ID, o.Samples)
			}
			alone[o.ID] = len(o.Samples) == 1
		}
	}
	for _, id := range []string{"streamDeliveries", "streamListener", "getContractJSON", "reportLeakedKeys"} {
		if !alone[id] {
			t.Errorf("%s: got samples for SDKs, want curl alone", id)
		}
	}
	if alone["createLead"] || alone["getMe"] {
		t.Error("createLead or getMe: got a sample for curl alone, want one for each SDK")
	}
}
