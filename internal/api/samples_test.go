package api_test

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/testkit"
)

var (
	pageOfDocs = regexp.MustCompile(`\((http://[^)]*\.md)\)`)
	shellBlock = regexp.MustCompile("(?s)```bash\n(.*?)\n```")
)

// recordCalls makes a shell print what curl is asked for: each argument ends with a NUL, each call with two.
const recordCalls = `
curl() { for argument in "$@"; do printf '%s\0' "$argument"; done; printf '\0'; }
uuidgen() { echo "$$-$number"; }
`

// TestTheCurlSamplesOfTheDocsAreTaken reads all of them, of the guides and of the reference, with a shell, and sends
// what they say. What they name may be absent; all else must be right.
func TestTheCurlSamplesOfTheDocsAreTaken(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	for _, name := range profile.All() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			owner := p.NewOwner(t, name)
			pages, least := []string{p.URL + "/docs/" + name + "/quickstart.md", p.URL + "/docs/" + name +
				"/idempotency.md"}, 4
			if name == profile.Default { // whose documentation has all
				pages, least = nil, 110
				for _, page := range pageOfDocs.FindAllStringSubmatch(plainGet(t, p.URL+"/llms.txt"), -1) {
					pages = append(pages, page[1])
				}
			}
			calls := samplesIn(t, p, owner, pages)
			for _, call := range calls {
				sendSample(t, p, call)
			}
			if len(calls) < least {
				t.Errorf("samples: got %d, want at least %d", len(calls), least)
			}
		})
	}
}

// samplesIn has a shell read the samples of pages, and returns the arguments of each curl.
func samplesIn(t *testing.T, p *testkit.Program, owner *testkit.Client, pages []string) [][]string {
	t.Helper()
	script := recordCalls
	for _, page := range pages {
		for _, block := range shellBlock.FindAllStringSubmatch(plainGet(t, page), -1) {
			// Whole scripts are run by `make sdk-check`.
			if strings.Contains(block[1], "curl ") && !strings.HasPrefix(block[1], "#!") {
				script += "number=$((number + 1))\n" + block[1] + "\n"
			}
		}
	}
	if inbox := "ibx_01jd4x2m9qe4fv0w3n7q1x5z8k"; strings.Contains(script, inbox) {
		script = strings.ReplaceAll(script, inbox, p.NewInbox(t, owner, "Support").ID)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-eu")
	cmd.Stdin = strings.NewReader("number=0" + script)
	cmd.Env = append(os.Environ(), "HOOKLINE_URL="+p.URL, "HOOKLINE_API_KEY="+owner.Key(),
		"NEXT_CURSOR=none", "WEBHOOK_ID=whe_01jd4x2m9qe4fv0w3n7q1x5z8k", "DELIVERY_ID=dlv_01jd4x2m9qe4fv0w3n7q1x5z8k")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("shell: got %v, want the samples read", err)
	}
	var calls [][]string
	for call := range bytes.SplitSeq(bytes.TrimSuffix(out, []byte("\x00\x00")), []byte("\x00\x00")) {
		calls = append(calls, strings.Split(string(call), "\x00"))
	}
	return calls
}

func sendSample(t *testing.T, p *testkit.Program, call []string) {
	t.Helper()
	method, path, body, headers := curlCall(t, p.URL, call)
	path = strings.Replace(path, "&cursor=none", "", 1)
	if strings.HasSuffix(path, "/stream") || strings.HasSuffix(path, "/secret-scanning") {
		return // which does not end; which GitHub signs
	}
	var content any
	if body != "" {
		content = body
	}
	a := testkit.NewClient(p.URL, "").Call(t, method, path, content, headers...)
	absent := a.Status == http.StatusNotFound && !strings.Contains(string(a.Body), "path does not exist")
	if a.Status/100 != 2 && !absent && a.Status != http.StatusConflict {
		t.Errorf("%q: got %d %s, want the sample taken", call, a.Status, a.Body)
	}
}

// curlCall reads the arguments of curl.
func curlCall(t *testing.T, base string, arguments []string) (method, path, body string, headers []string) {
	t.Helper()
	method = http.MethodGet
	for i := 0; i < len(arguments); i++ {
		switch a := arguments[i]; a {
		case "-X":
			i++
			method = arguments[i]
		case "-H":
			i++
			name, value, _ := strings.Cut(arguments[i], ": ")
			headers = append(headers, name, value)
		case "-d":
			i++
			body = arguments[i]
		case "-sS", "--fail-with-body":
		default:
			rest, ours := strings.CutPrefix(a, base)
			if !ours {
				t.Fatalf("curl %v: got the argument %q, want one that this test knows", arguments, a)
			}
			path = rest
		}
	}
	return method, path, body, headers
}

func plainGet(t *testing.T, address string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Body.Close() }()
	var b bytes.Buffer
	if _, err := b.ReadFrom(a.Body); err != nil || a.StatusCode != http.StatusOK {
		t.Fatalf("%s: got %d, %v, want 200", address, a.StatusCode, err)
	}
	return b.String()
}
