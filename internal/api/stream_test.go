package api_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/api"
	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/principal"
)

type anybody struct{}

func (anybody) Authenticate(context.Context, string, string) (principal.Principal, error) {
	return principal.Principal{Permissions: []string{principal.All}}, nil
}

func TestAStreamOutlivesTheTimeForReadingARequest(t *testing.T) {
	t.Parallel()
	const readTimeout = 100 * time.Millisecond
	e := echo.New()
	e.GET("/", func(c echo.Context) error {
		select {
		case <-c.Request().Context().Done():
			return c.String(http.StatusOK, "cut off")
		case <-time.After(5 * readTimeout):
			return c.String(http.StatusOK, "open")
		}
	}, api.KeepOpen(contract.Rule{Stream: true, Permission: contract.Authenticated}, anybody{}))
	srv := httptest.NewUnstartedServer(e)
	srv.Config.ReadTimeout = readTimeout
	srv.Start()
	t.Cleanup(srv.Close)
	response, err := http.Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if body, err := io.ReadAll(response.Body); err != nil || string(body) != "open" {
		t.Errorf("stream: got %q, %v, want open", body, err)
	}
}
