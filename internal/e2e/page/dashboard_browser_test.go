package page_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// tabs limits the tabs that are open at a time: with more than cores, all get slow enough to run into timeouts.
var tabs = make(chan struct{}, max(2, goruntime.GOMAXPROCS(0)))

// chromium is the one browser of all tests here, started by the first that needs it.
var chromium struct {
	once sync.Once
	ctx  context.Context
	err  error
}

func findChromium() string {
	if path := os.Getenv("HOOKLINE_TEST_CHROMIUM"); path != "" {
		return path
	}
	// A shell without windows takes half the CPU.
	for _, name := range []string{"chromium-headless-shell", "chrome-headless-shell", "chromium", "chromium-browser",
		"google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

func startChromium() {
	path := findChromium()
	if path == "" {
		chromium.err = fmt.Errorf("there is no chromium on this machine, and HOOKLINE_TEST_CHROMIUM does not name " +
			"one. `make test` installs it as root with apt-get; elsewhere install the package " +
			"chromium-headless-shell or chromium")
		return
	}
	dir, err := os.MkdirTemp("", "hookline-chromium-")
	if err != nil {
		chromium.err = err
		return
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.UserDataDir(dir),
		chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("force-prefers-reduced-motion", true),
		chromedp.Flag("disable-component-update", true),
		// Two tests at a time need no more processes than these, and each costs half a second to start.
		chromedp.Flag("in-process-gpu", true), chromedp.Flag("renderer-process-limit", "2"),
		chromedp.WSURLReadTimeout(time.Minute))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	chromium.ctx, chromium.err = ctx, chromedp.Do(ctx, chromedp.Navigate("about:blank"))
	testkit.Package().Cleanup(func() {
		_ = chromedp.Cancel(ctx)
		cancel()
		stop()
		_ = os.RemoveAll(dir)
	})
}

// tab is a browser context with its own cookies. At the end of the test it fails on errors in the console and on
// requests to other hosts.
type tab struct {
	t    *testing.T
	ctx  context.Context
	base string

	mu      sync.Mutex
	faults  []string
	offsite []string
	allowed []string // parts of console messages that the test expects
}

func openTab(t *testing.T, base string) *tab {
	t.Helper()
	chromium.once.Do(startChromium)
	if chromium.err != nil {
		t.Fatal(chromium.err)
	}
	tabs <- struct{}{}
	t.Cleanup(func() { <-tabs })
	ctx, cancel := chromedp.NewContext(chromium.ctx, chromedp.WithNewBrowserContext())
	b := &tab{t: t, ctx: ctx, base: base}
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, fault := range b.faults {
			if !slices.ContainsFunc(b.allowed, func(part string) bool { return strings.Contains(fault, part) }) {
				t.Errorf("console of the browser: got %s, want no error", fault)
			}
		}
		for _, to := range b.offsite {
			t.Errorf("page: got a request to %s, want its own site only", to)
		}
		cancel()
	})
	if err := chromedp.Listen(ctx, b.heard); err != nil {
		t.Fatal(err)
	}
	b.size(1360, 900)
	return b
}

func (b *tab) heard(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.faults = append(b.faults, "an exception: "+e.ExceptionDetails.Text+" "+
			e.ExceptionDetails.Exception.Description)
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" {
			b.faults = append(b.faults, fmt.Sprintf("%s %s", e.Type, e.Args[0].Value))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == "error" || e.Entry.Level == "warning" {
			b.faults = append(b.faults, string(e.Entry.Level)+" "+e.Entry.Text+" "+e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		if to := e.Request.URL; !strings.HasPrefix(to, b.base+"/") && !strings.HasPrefix(to, "data:") &&
			to != "about:blank" {
			b.offsite = append(b.offsite, to)
		}
	}
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) size(width, height int64) { b.t.Helper(); b.do(chromedp.EmulateViewport(width, height)) }

// open shows a page and waits for its script.
func (b *tab) open(path string) {
	b.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = b.base + path
	}
	b.do(chromedp.Navigate(path))
	b.await("document.documentElement.dataset.ready !== undefined")
}

// js evaluates an expression; it is not ok while the page changes.
func js[T any](b *tab, expression string) (v T, ok bool) {
	ctx, cancel := context.WithTimeout(b.ctx, 10*time.Second)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	return v, err == nil
}

func quoted(s string) string {
	raw, _ := json.Marshal(s)
	return string(raw)
}

// await waits until an expression is true.
func (b *tab) await(expression string) {
	b.t.Helper()
	limit := time.NewTimer(time.Minute)
	defer limit.Stop()
	pace := time.NewTicker(25 * time.Millisecond)
	defer pace.Stop()
	for {
		if yes, ok := js[bool](b, "!!("+expression+")"); ok && yes {
			return
		}
		select {
		case <-pace.C:
		case <-limit.C:
			text, _ := js[string](b, "location.pathname + '\\n' + document.body.innerText")
			b.t.Fatalf("%s: got false within a minute, want true, on %s", expression, text)
		}
	}
}

// sees waits for a text on the page.
func (b *tab) sees(text string) {
	b.t.Helper()
	b.await("document.body.innerText.includes(" + quoted(text) + ")")
}

// press clicks on the button or link with the text.
func (b *tab) press(text string) {
	b.t.Helper()
	find := `[...document.querySelectorAll('main button, main a, .tools button')].find((el) => (el.textContent.trim() === ` + quoted(text) + `) && el.checkVisibility() && !el.disabled)`
	b.await(find)
	if _, ok := js[bool](b, "("+find+").click() ?? true"); !ok {
		b.t.Fatalf("button %q: got none, want one to press", text)
	}
}

// leave presses a button or link to another page, and waits for that page.
func (b *tab) leave(text string) {
	b.t.Helper()
	if _, ok := js[bool](b, "delete document.documentElement.dataset.ready"); !ok {
		b.t.Fatal("page: got no script, want one")
	}
	b.press(text)
	b.await("document.documentElement.dataset.ready !== undefined")
}

// fill writes into a field.
func (b *tab) fill(name, value string) {
	b.t.Helper()
	field := "document.querySelector('main [name=" + name + "]')"
	b.await(field)
	if _, ok := js[bool](b, field+".value = "+quoted(value)+", "+field+
		".dispatchEvent(new Event('input', {bubbles: true}))"); !ok {
		b.t.Fatalf("field %s: got none, want one to fill in", name)
	}
}

// unfold opens what is folded up below a summary.
func (b *tab) unfold(text string) {
	b.t.Helper()
	summary := "[...document.querySelectorAll('main summary')].find((el) => el.textContent.trim().startsWith(" +
		quoted(text) + "))"
	b.await(summary)
	if open, _ := js[bool](b, summary+".click() ?? "+summary+".parentElement.open"); !open {
		b.t.Fatalf("%s: got it folded up, want it open", text)
	}
}

// check ticks the box with the value.
func (b *tab) check(name, value string) {
	b.t.Helper()
	box := "document.querySelector('main [name=" + name + "][value=" + quoted(value) + "]')"
	b.await(box)
	if _, ok := js[bool](b, box+".click() ?? true"); !ok {
		b.t.Fatalf("checkbox %s %s: got none, want one to tick", name, value)
	}
}

func (b *tab) path() string {
	b.t.Helper()
	path, _ := js[string](b, "location.pathname")
	return path
}

// controls are the accessibility roles of controls.
var controls = []string{"button", "link", "textbox", "searchbox", "combobox", "checkbox", "radio", "listbox",
	"spinbutton", "DisclosureTriangle", "Date", "DateTime", "InputTime", "progressbar", "img"}

// named checks that every control has an accessible name.
func (b *tab) named() {
	b.t.Helper()
	tree, err := chromedp.Call(b.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, n := range tree.Nodes {
		if n.Ignored || n.Role == nil {
			continue
		}
		role := strings.Trim(string(n.Role.Value), `"`)
		if slices.Contains(controls, role) && (n.Name == nil || len(n.Name.Value) <= len(`""`)) {
			b.t.Errorf("%s: got a %s without a name (%s), want one", b.path(), role, n.NodeID)
		}
	}
}

// shoot checks that all controls have names and that nothing is wider than a phone's screen. With HOOKLINE_SCREENSHOTS
// it saves pictures of the page in both themes, on a phone and on a screen, to that folder.
func (b *tab) shoot(name string) {
	b.t.Helper()
	b.named()
	b.size(390, 844)
	if wide, _ := js[int](b, "document.documentElement.scrollWidth"); wide > 390 {
		b.t.Errorf("width of %s: got %d, want at most the screen's 390", name, wide)
	}
	defer b.size(1360, 900)
	folder := os.Getenv("HOOKLINE_SCREENSHOTS")
	if folder == "" {
		return
	}
	for _, theme := range []string{"light", "dark"} {
		_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia,
			emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme",
				Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
		if err != nil {
			b.t.Fatal(err)
		}
		b.size(390, 844)
		b.picture(folder, name+"-phone-"+theme)
		b.size(1360, 900)
		b.picture(folder, name+"-"+theme)
	}
}

func (b *tab) picture(folder, name string) {
	b.t.Helper()
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.MkdirAll(folder, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name+".png"), png, 0o600)
	}
	if err != nil {
		b.t.Error(err)
	}
}

// portal makes a link into a tenant's dashboard.
func portal(t testing.TB, p *testkit.Program, tenantID string, body map[string]any) gen.PortalSession {
	t.Helper()
	if body["environment"] == nil {
		body["environment"] = "live"
	}
	return testkit.Post[gen.PortalSession](t, p.Operator, "/admin/v1/tenants/"+tenantID+"/portal-sessions", body,
		http.StatusCreated)
}

// ownerOf is the id of the member whom a client's key belongs to.
func ownerOf(t testing.TB, c *testkit.Client) string {
	t.Helper()
	return testkit.Get[gen.Me](t, c, "/api/v1/me").User.MustGet().ID
}

// keys presses a key.
func (b *tab) keys(key string) {
	b.t.Helper()
	if key == "Escape" {
		key = "\x1b"
	}
	b.do(chromedp.KeyEvent(key))
}
