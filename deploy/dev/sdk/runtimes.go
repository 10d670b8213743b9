package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// runtimeLimit is how long a browser or a worker may take for all of the check.
const runtimeLimit = time.Minute

// inBrowser runs the check in a page of a headless Chromium. The API has no CORS headers, since a page of a stranger
// must not contain a key: the page's own server passes the calls on, as that of a product would.
func inBrowser(ctx context.Context, p place) (string, error) {
	built, err := p.typescript()
	if err != nil {
		return "", err
	}
	browser, err := findBrowser()
	if err != nil {
		return "", err
	}
	reports := make(chan string, 1)
	server, err := p.pageServer(built, reports)
	if err != nil {
		return "", err
	}
	defer server.Close()
	ctx, cancel := context.WithTimeout(ctx, runtimeLimit)
	defer cancel()
	var said bytes.Buffer
	// Debian's Chromium has no sandbox for root.
	cmd := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
		"--user-data-dir="+filepath.Join(p.folder, "chromium"), "--remote-debugging-port=0", server.URL+"/")
	cmd.Stderr, cmd.WaitDelay = &said, time.Second
	if err := cmd.Start(); err != nil {
		return "", err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var text string
	select {
	case text = <-reports:
		cancel()
		<-ended
	case err := <-ended:
		return "", failed(fmt.Errorf("%s ended without a report: %w", browser, err), said.Bytes())
	}
	return verdict(text, filepath.Base(browser))
}

func findBrowser() (string, error) {
	for _, name := range []string{os.Getenv("HOOKLINE_TEST_CHROMIUM"), "chromium-headless-shell", "chromium",
		"chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil && name != "" {
			return path, nil
		}
	}
	return "", fmt.Errorf("%w: Chromium (Debian: apt-get install chromium-headless-shell)", errMissing)
}

// pageServer serves the page with the SDK, and passes /api on to Hookline.
func (p place) pageServer(built string, reports chan<- string) (*httptest.Server, error) {
	vectors, err := os.ReadFile(filepath.Join(p.root, "pkg", "webhook", "testdata", "vectors.json"))
	if err != nil {
		return nil, err
	}
	settings, err := json.Marshal(map[string]any{"key": p.setting("HOOKLINE_API_KEY"),
		"vectors": json.RawMessage(vectors)})
	if err != nil {
		return nil, err
	}
	hookline, err := url.Parse(p.setting("HOOKLINE_URL"))
	if err != nil {
		return nil, err
	}
	file := func(name string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/javascript")
			http.ServeFile(w, r, filepath.Join(p.root, "deploy", "dev", "sdk", "runtimes", name))
		}
	}
	routes := http.NewServeMux()
	routes.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, `<!doctype html><title>Check</title><script type="module" src="/page.mjs"></script>`)
	})
	routes.HandleFunc("GET /page.mjs", file("page.mjs"))
	routes.HandleFunc("GET /check.mjs", file("check.mjs"))
	routes.Handle("GET /dist/", http.FileServer(http.Dir(built)))
	routes.HandleFunc("GET /settings.json", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(settings) })
	routes.HandleFunc("POST /report", func(_ http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		select {
		case reports <- cmp.Or(string(text), fmt.Sprint(err)):
		default: // the first counts
		}
	})
	routes.Handle("/api/", &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(hookline) }})
	return httptest.NewServer(routes), nil
}

// inWorker runs the check in workerd, the runtime of Cloudflare's workers.
func inWorker(ctx context.Context, p place) (string, error) {
	built, err := p.typescript()
	if err != nil {
		return "", err
	}
	runtime, err := p.npm(ctx, "require('workerd').default")
	if err != nil {
		return "", fmt.Errorf("%w: npm has no workerd for this machine (%w)", errMissing, err)
	}
	if err := os.CopyFS(filepath.Join(p.runtimes, "dist"), os.DirFS(filepath.Join(built, "dist"))); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, runtimeLimit)
	defer cancel()
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, runtime, "serve", "workerd.capnp", "--control-fd=1")
	cmd.Dir, cmd.Env, cmd.Stderr = p.runtimes, p.env, &said
	control, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return "", err
	}
	defer func() { cancel(); _ = cmd.Wait() }()
	var listens struct{ Port int }
	line, err := bufio.NewReader(control).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &listens)
	}
	if err != nil {
		cancel()
		_ = cmd.Wait() // and what it said is complete
		return "", failed(fmt.Errorf("workerd did not start: %w", err), said.Bytes())
	}
	text, err := download(ctx, fmt.Sprintf("http://127.0.0.1:%d/", listens.Port))
	if err != nil {
		return "", err
	}
	return verdict(string(text), "workerd")
}

// verdict reads what a check reported.
func verdict(text, runtime string) (string, error) {
	seen, ok := strings.CutPrefix(text, "ok ")
	if !ok {
		return "", errors.New(text)
	}
	return seen + " in " + runtime, nil
}
