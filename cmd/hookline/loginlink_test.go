package main_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hookline/hookline/internal/testkit"
)

func TestALoginLinkIsPrintedForARunningDev(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	refused := testkit.Run(t, nil, "login-link", "--data-dir", dir)
	if code := refused.Exit(t); code != 2 || !strings.Contains(refused.Stderr(), "hookline dev --data-dir") {
		t.Errorf("without data: got %d %s, want 2 and the command that makes them", code, refused.Stderr())
	}
	d := runDev(t, dir)
	asJSON := testkit.Run(t, nil, "login-link", "--json", "--data-dir", dir)
	if code := asJSON.Exit(t); code != 0 || !strings.Contains(asJSON.Stdout(), `"url": "http`) {
		t.Errorf("login-link --json: got %d %s, want the link", code, asJSON.Stdout())
	}
	for args, page := range map[string]string{"": "/app", "--operator": "/admin"} {
		p := testkit.Run(t, nil, append([]string{"login-link", "--data-dir", dir}, strings.Fields(args)...)...)
		if code := p.Exit(t); code != 0 {
			t.Fatalf("login-link %s: got %d %s, want 0", args, code, p.Stderr())
		}
		link := strings.TrimSpace(p.Stdout())
		if !strings.HasPrefix(link, strings.TrimSuffix(d.APIURL, "/api/v1")+"/app/login?once=") {
			t.Errorf("link: got %s, want one to %s", link, d.APIURL)
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Sec-Fetch-Mode", "navigate")
		r.Header.Set("Sec-Fetch-Dest", "document")
		response, err := testkit.NewBrowser(t).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusOK || response.Request.URL.Path != page {
			t.Errorf("link: got %d at %s, want 200 at %s", response.StatusCode, response.Request.URL.Path, page)
		}
	}
	embed := d.client("").Call(t, http.MethodGet, "/dev/embed", nil).Want(t, http.StatusOK)
	if !strings.Contains(string(embed.Body), "&amp;frame=bare") {
		t.Errorf("demo of a frame: got %s, want a link without navigation", embed.Body)
	}
	d.Kill()
	late := testkit.Run(t, nil, "login-link", "--data-dir", dir)
	if code := late.Exit(t); code == 0 || !strings.Contains(late.Stderr(), "No hookline dev runs") {
		t.Errorf("after the stop: got %d %s, want that none runs", code, late.Stderr())
	}
}
