package config

import (
	"strings"
	"testing"
	"time"
)

func TestModelSettingsAreValidatedAndItsKeyIsProtected(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Config)
		says   string
	}{
		"all":                      {func(*Config) {}, ""},
		"nothing":                  {func(c *Config) { *c = Config{WorkerAgents: 1} }, ""},
		"an outline needs nothing": {func(c *Config) { *c = Config{Generator: "outline", WorkerAgents: 1000} }, ""},
		"no key":                   {func(c *Config) { c.OpenAIKey = "" }, ""},
		"a model nearby":           {func(c *Config) { c.OpenAIURL = "http://127.0.0.1:11434/v1" }, ""},
		"no key and no TLS":        {func(c *Config) { c.OpenAIURL, c.OpenAIKey = "http://ollama:11434/v1", "" }, ""},
		"a key without TLS": {func(c *Config) { c.OpenAIURL = "http://ollama:11434/v1" },
			"HOOKLINE_OPENAI_URL is http://"},
		"another generator": {func(c *Config) { c.Generator = "gpt" }, "HOOKLINE_GENERATOR is"},
		"no model":          {func(c *Config) { c.OpenAIModel = "" }, "HOOKLINE_OPENAI_MODEL is not set"},
		"no URL":            {func(c *Config) { c.OpenAIURL = "" }, "HOOKLINE_OPENAI_URL is not usable"},
		"a URL with a password": {func(c *Config) { c.OpenAIURL = "https://u:hidden@example.com" },
			"HOOKLINE_OPENAI_URL is not usable"},
		"a URL with a query": {func(c *Config) { c.OpenAIURL = "https://example.com/?key=hidden" },
			"HOOKLINE_OPENAI_URL is not usable"},
		"another scheme": {func(c *Config) { c.OpenAIURL = "ftp://example.com" },
			"HOOKLINE_OPENAI_URL is not usable"},
		"no time":          {func(c *Config) { c.OpenAITimeout = 0 }, "HOOKLINE_OPENAI_TIMEOUT is"},
		"too much time":    {func(c *Config) { c.OpenAITimeout = time.Hour }, "HOOKLINE_OPENAI_TIMEOUT is"},
		"too many retries": {func(c *Config) { c.OpenAIRetries = 11 }, "HOOKLINE_OPENAI_RETRIES is"},
		"negative retries": {func(c *Config) { c.OpenAIRetries = -1 }, "HOOKLINE_OPENAI_RETRIES is"},
		"few tokens":       {func(c *Config) { c.OpenAIMaxTokens = 255 }, "HOOKLINE_OPENAI_MAX_TOKENS is"},
		"no agents":        {func(c *Config) { c.WorkerAgents = 0 }, "HOOKLINE_WORKER_AGENTS is"},
		"too many agents":  {func(c *Config) { c.WorkerAgents = 1001 }, "HOOKLINE_WORKER_AGENTS is"},
	} {
		settings := good()
		settings.Generator, settings.OpenAIKey, settings.OpenAIModel = "openai", "hidden", "gpt-5-mini"
		c.change(&settings)
		says := ""
		if err := settings.checkGenerator(); err != nil {
			says = err.Error()
		}
		if (says == "") != (c.says == "") || !strings.Contains(says, c.says) || strings.Contains(says, "hidden") {
			t.Errorf("%s: got %q, want %q", name, says, c.says)
		}
	}
}
