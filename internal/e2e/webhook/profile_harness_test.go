package webhook_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// harness runs a snippet on proofs and prints its result for each.
type harness struct {
	tool     string // which must be installed; without a large one its test is skipped
	large    bool
	without  string // what is said, too, when the test is skipped
	command  []string
	file     string
	rest     string            // follows the snippet in its file
	files    map[string]string // beside it
	compiled bool              // which costs seconds
	input    func(*testing.T, []proof) []byte
}

var harnesses = map[string]harness{
	"Go": {tool: "go", compiled: true, command: []string{"go", "run", "-ldflags=-s -w", "."}, file: "verify.go",
		input: inJSON,
		files: map[string]string{"go.mod": "module check\n\ngo 1.26\n", "main.go": goMain}},
	"Node": {tool: "node", command: []string{"node", "check.js"}, file: "check.js", input: inJSON, rest: nodeMain},
	"Python": {tool: "python3", command: []string{"python3", "check.py"}, file: "check.py", input: inJSON,
		rest: pythonMain},
	"PHP": {tool: "php", command: []string{"php", "check.php"}, file: "check.php", input: inJSON, rest: phpMain},
	"Ruby": {tool: "ruby", command: []string{"ruby", "-w", "check.rb"}, file: "check.rb", input: inJSON,
		rest: rubyMain},
	// Its compilers optimise for programs that run long; the flags leave that out.
	"Java": {tool: "javac", large: true, compiled: true, command: []string{"sh", "-c",
		"javac -J-XX:TieredStopAtLevel=1 -J-XX:+UseSerialGC -Xlint:all -Werror Webhooks.java Check.java && " +
			"exec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC Check"},
		file: "Webhooks.java", input: inLines, files: map[string]string{"Check.java": javaMain}},
	"C#": {tool: "dotnet", large: true, without: noDotnet, compiled: true, command: []string{"dotnet", "run"},
		file:  "Webhooks.cs",
		input: inLines, files: map[string]string{"check.csproj": csharpProject, "Check.cs": csharpMain}},
}

// noDotnet says why the code in C# is compiled on few machines.
const noDotnet = " Debian has no package of the .NET SDK 8 or newer, and Mono's compiler does not know C# 9; " +
	"make sdk-check parses the code."

const (
	goMain = `package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
)

func main() {
	var proofs []struct {
		Secret, Body string
		Headers map[string]string
	}
	if err := json.NewDecoder(os.Stdin).Decode(&proofs); err != nil {
		panic(err)
	}
	for i, p := range proofs {
		h := http.Header{}
		for name, value := range p.Headers {
			h.Set(name, value)
		}
		if i > 0 {
			fmt.Print(" ")
		}
		fmt.Print(Verify(p.Secret, h, []byte(p.Body)))
	}
}
`
	nodeMain = `
const proofs = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
console.log(proofs.map((p) => verify(p.secret, p.headers, Buffer.from(p.body))).join(' '));
`
	pythonMain = `

class AnyCase(dict):
    def get(self, name, default=None):
        return super().get(name.lower(), default)


import json
import sys

print(*("true" if verify(p["secret"], AnyCase(p["headers"]), p["body"].encode()) else "false" for p in json.loads(sys.stdin.buffer.read())))
`
	phpMain = `
error_reporting(E_ALL);
$proofs = json_decode(file_get_contents('php://stdin'), true, 512, JSON_THROW_ON_ERROR);
echo implode(' ', array_map(fn ($p) => var_export(verify($p['secret'], $p['headers'], $p['body']), true), $proofs));
`
	rubyMain = `
class AnyCase
  def initialize(headers) = @headers = headers
  def [](name) = @headers[name.downcase]
end

require "json"
puts JSON.parse($stdin.read).map { |p| verify(p["secret"], AnyCase.new(p["headers"]), p["body"]) }.join(" ")
`
	javaMain = `import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

final class Check {
    static byte[] plain(String s) {
        return Base64.getDecoder().decode(s);
    }

    static String text(String s) {
        return new String(plain(s), StandardCharsets.UTF_8);
    }

    public static void main(String[] args) throws Exception {
        List<String> said = new ArrayList<>();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] fields = line.split(" ", -1);
            Map<String, String> headers = new HashMap<>();
            for (int i = 2; i + 1 < fields.length; i += 2) {
                headers.put(text(fields[i]), text(fields[i + 1]));
            }
            said.add(String.valueOf(Webhooks.verify(text(fields[0]), name -> headers.get(name.toLowerCase(Locale.ROOT)), plain(fields[1]))));
        }
        System.out.println(String.join(" ", said));
    }
}
`
	csharpProject = `<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net8.0</TargetFramework>
    <RollForward>Major</RollForward>
    <Nullable>enable</Nullable>
    <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
  </PropertyGroup>
</Project>
`
	csharpMain = `using System;
using System.Collections.Generic;
using System.Text;

static class Check
{
    static byte[] Plain(string s) => Convert.FromBase64String(s);
    static string Text(string s) => Encoding.UTF8.GetString(Plain(s));

    static void Main()
    {
        var said = new List<string>();
        for (var line = Console.In.ReadLine(); line is not null; line = Console.In.ReadLine())
        {
            var fields = line.Split(' ');
            var headers = new Dictionary<string, string>();
            for (var i = 2; i + 1 < fields.Length; i += 2)
            {
                headers[Text(fields[i])] = Text(fields[i + 1]);
            }
            var verified = Webhooks.Verify(Text(fields[0]), name => headers.GetValueOrDefault(name.ToLowerInvariant()), Plain(fields[1]));
            said.Add(verified ? "true" : "false");
        }
        Console.WriteLine(string.Join(" ", said));
    }
}
`
)

func inJSON(t *testing.T, all []proof) []byte {
	t.Helper()
	raw, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// inLines writes proofs for harnesses without JSON: a line for each, with the secret, the body and the names and
// values of headers in turn, each in base64.
func inLines(_ *testing.T, all []proof) []byte {
	var out bytes.Buffer
	for _, p := range all {
		fields := []string{p.Secret, p.Body}
		for name, value := range p.Headers {
			fields = append(fields, name, value)
		}
		for i, f := range fields {
			fields[i] = base64.StdEncoding.EncodeToString([]byte(f))
		}
		out.WriteString(strings.Join(fields, " ") + "\n")
	}
	return out.Bytes()
}

// run fails the test unless the code accepts exactly the genuine proofs.
func (h harness) run(t *testing.T, code string, all []proof) {
	t.Helper()
	if _, err := exec.LookPath(h.tool); err != nil && h.large {
		// make test reports the missing tool
		t.Skipf("%s is missing, so this code was not run.%s", h.tool, h.without)
	} else if err != nil {
		t.Fatalf("%s is missing, which runs the code that the catalogue shows. Install it; as root, `make test` does.",
			h.tool)
	}
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(h.file, strings.Replace(code, "package webhooks", "package main", 1)+h.rest)
	for name, text := range h.files {
		write(name, text)
	}
	cmd := exec.CommandContext(t.Context(), h.command[0], h.command[1:]...)
	cmd.Dir, cmd.Stdin = dir, bytes.NewReader(h.input(t, all))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("snippet: got %v, want no error:\n%s", err, out)
	}
	said := strings.Fields(string(out))
	if len(said) != len(all) {
		t.Fatalf("the code answers %s, want one answer for each of %d requests", out, len(all))
	}
	for i, p := range all {
		if (said[i] == "true") != p.genuine {
			t.Errorf("%s: the code answers %s, want %t", p.what, said[i], p.genuine)
		}
	}
}
