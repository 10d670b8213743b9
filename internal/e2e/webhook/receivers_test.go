package webhook_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/hookline/hookline/docs"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/testkit"
)

// receiver runs a receiver of the guides beside the code that verifies.
type receiver struct {
	sample  string // below docs/samples/verify
	file    string // where the verifying code is
	joined  bool   // whether the receiver is in the same file, after it
	command string // with the port for %[1]d
	tool    string // which must be installed
	files   map[string]string
}

var receivers = map[string]receiver{
	"Go": {sample: "receiver.go", file: "verify.go", tool: "go",
		files:   map[string]string{"go.mod": "module r\n\ngo 1.26\n"},
		command: "go build -ldflags='-s -w' -o receiver . && exec ./receiver"},
	"Node": {sample: "receiver.js", file: "receiver.js", joined: true, tool: "node", command: "exec node receiver.js"},
	"Python": {sample: "receiver.py", file: "receiver.py", joined: true, tool: "python3",
		command: "exec python3 receiver.py"},
	"PHP": {sample: "receiver.php", file: "receiver.php", joined: true, tool: "php",
		command: "exec php -S 127.0.0.1:%[1]d receiver.php"},
	"Java": {sample: "Receiver.java", file: "Webhooks.java", tool: "javac",
		command: "javac -J-XX:TieredStopAtLevel=1 " +
			"-Xlint:all -Werror Webhooks.java Receiver.java && exec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC Receiver"},
	"C#": {sample: "Program.cs", file: "Webhooks.cs", tool: "dotnet", command: "exec dotnet run",
		files: map[string]string{"receiver.csproj": strings.NewReplacer("Microsoft.NET.Sdk", "Microsoft.NET.Sdk.Web",
			"<OutputType>Exe</OutputType>", "<ImplicitUsings>enable</ImplicitUsings>").Replace(csharpProject)}},
}

func sampleOf(t *testing.T, name string) string {
	t.Helper()
	raw, err := fs.ReadFile(docs.Files, "samples/verify/"+name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(string(raw), "//go:build ignore\n")
}

// TestTheReceiversOfTheGuidesTakeGenuineRequestsOnly sends them what was really delivered, and what must not pass.
func TestTheReceiversOfTheGuidesTakeGenuineRequestsOnly(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	all := proofs(t, p, profile.Default)
	secret := all[0].Secret
	for _, s := range profile.Of(profile.Default).Snippets() {
		r, served := receivers[s.Language]
		if !served {
			continue // Ruby's, which has a server only with a gem
		}
		t.Run(s.Language, func(t *testing.T) {
			t.Parallel()
			to := r.start(t, s.Code, secret)
			for _, one := range all {
				if one.Secret != secret {
					continue
				}
				want := map[bool]int{true: http.StatusNoContent, false: http.StatusUnauthorized}[one.genuine]
				if got := one.send(t, to); got != want {
					t.Errorf("%s: the receiver answers %d, want %d", one.what, got, want)
				}
			}
		})
	}
}

// start runs the receiver with a secret until the test ends, and returns its address.
func (r receiver) start(t *testing.T, verifying, secret string) string {
	t.Helper()
	if _, err := exec.LookPath(r.tool); err != nil {
		t.Skipf("%s is missing, so the receiver %s was not run. Install it to test the guide's code.%s", r.tool, r.sample,
			map[bool]string{true: noDotnet}[r.tool == "dotnet"])
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	_ = l.Close()
	code := strings.ReplaceAll(sampleOf(t, r.sample), "3000", strconv.Itoa(port))
	dir := t.TempDir()
	files := map[string]string{r.file: strings.Replace(verifying, "package webhooks", "package main", 1)}
	if r.joined {
		files[r.file] += "\n" + code
	} else {
		files[r.sample] = code
	}
	for name, text := range r.files {
		files[name] = text
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command := r.command
	if strings.Contains(command, "%") {
		command = fmt.Sprintf(command, port)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "HOOKLINE_WEBHOOK_SECRET="+secret)
	if r.tool == "node" {
		cmd.Env = append(cmd.Env, "NODE_PATH="+testkit.NodePackage(t, "express", "5"))
	}
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-ended })
	address := fmt.Sprintf("127.0.0.1:%d", port)
	testkit.Await(t, "the receiver to listen", func() bool {
		select {
		case <-ended:
			t.Fatalf("receiver: got its end, want it to listen:\n%s", said.String())
		default:
		}
		c, err := net.Dial("tcp", address)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
	return "http://" + address + "/hooks"
}

// send makes the request and returns the status of the answer.
func (p proof) send(t *testing.T, to string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, to, strings.NewReader(p.Body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range p.Headers {
		if name != "content-length" && name != "accept-encoding" {
			r.Header.Set(name, value)
		}
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = a.Body.Close()
	return a.StatusCode
}

// TestTheRackReceiverOfTheGuides calls it as a server does.
func TestTheRackReceiverOfTheGuides(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("ruby"); err != nil {
		t.Skip("ruby is missing, so the receiver receiver.ru was not run. Install it to test the guide's code.")
	}
	p := testkit.Shared(t, testkit.Embedded)
	all := proofs(t, p, profile.Default)
	input, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	code := ""
	for _, s := range profile.Of(profile.Default).Snippets() {
		if s.Language == "Ruby" {
			code = s.Code
		}
	}
	file := filepath.Join(t.TempDir(), "receiver.rb")
	if err := os.WriteFile(file, []byte(code+"\ndef run(app) = $app = app\n"+sampleOf(t, "receiver.ru")+rackMain),
		0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "ruby", file)
	cmd.Env, cmd.Stdin = append(os.Environ(), "HOOKLINE_WEBHOOK_SECRET="+all[0].Secret), bytes.NewReader(input)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("receiver: got %v, want no error:\n%s", err, out)
	}
	statuses := strings.Fields(string(out[bytes.LastIndex(out, []byte("statuses"))+len("statuses"):]))
	for i, one := range all {
		want := map[bool]string{true: "204", false: "401"}[one.genuine]
		if one.Secret == all[0].Secret && statuses[i] != want {
			t.Errorf("%s: the receiver answers %s, want %s", one.what, statuses[i], want)
		}
	}
}

const rackMain = `
require "json"
require "stringio"
answers = JSON.parse($stdin.read).map do |p|
  env = {"rack.input" => StringIO.new(p["body"])}
  p["headers"].each { |name, value| env["HTTP_" + name.upcase.tr("-", "_")] = value }
  $app.call(env)[0]
end
puts "statuses #{answers.join(" ")}"
`
