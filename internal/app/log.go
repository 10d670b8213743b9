package app

import (
	"io"
	"log/slog"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"

	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/tracing"
)

// warnUnknown logs the variables that look like settings and are none.
func warnUnknown() {
	for _, name := range config.Unknown() {
		slog.Warn("a variable is no setting of this version, and is ignored; all settings: hookline serve --help",
			"variable", name)
	}
}

// SetUpLog makes the program's log the default one.
func SetUpLog(w io.Writer, c config.Config) {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.LogLevel)) // Check has refused other words
	options := &slog.HandlerOptions{Level: level}
	var handler slog.Handler = slog.NewJSONHandler(w, options)
	if c.LogFormat == "text" {
		handler = slog.NewTextHandler(w, options)
	}
	slog.SetDefault(slog.New(tracing.LogHandler(handler)))
	warnUnknown()
	redis.SetLogger(&logging.VoidLogger{}) // it prints every failed dial to stderr; callers log what matters
}
