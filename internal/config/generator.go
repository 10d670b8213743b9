package config

import (
	"net/url"
	"time"
)

// The values of HOOKLINE_GENERATOR.
const (
	GeneratorOutline = "outline"
	GeneratorOpenAI  = "openai"
)

// checkGenerator refuses an unusable model, and a URL that would send the key unencrypted. The errors don't show the
// URL or the key.
func (c Config) checkGenerator() error {
	switch {
	case c.WorkerAgents < 1 || c.WorkerAgents > 1000:
		return bad("HOOKLINE_WORKER_AGENTS is %d; it must be between 1 and 1000.", c.WorkerAgents)
	case c.Generator == "" || c.Generator == GeneratorOutline:
		return nil
	case c.Generator != GeneratorOpenAI:
		return bad("HOOKLINE_GENERATOR is %q; it must be outline or openai.", c.Generator)
	case c.OpenAIModel == "":
		return bad("HOOKLINE_OPENAI_MODEL is not set, and HOOKLINE_GENERATOR=openai needs it: the name of the model " +
			"that writes.")
	case c.OpenAITimeout < time.Second || c.OpenAITimeout > 10*time.Minute:
		return bad("HOOKLINE_OPENAI_TIMEOUT is %s; it must be between 1s and 10m.", c.OpenAITimeout)
	case c.OpenAIRetries < 0 || c.OpenAIRetries > 10:
		return bad("HOOKLINE_OPENAI_RETRIES is %d; it must be between 0 and 10.", c.OpenAIRetries)
	case c.OpenAIMaxTokens < 256 || c.OpenAIMaxTokens > 1_000_000:
		return bad("HOOKLINE_OPENAI_MAX_TOKENS is %d; it must be between 256 and 1000000.", c.OpenAIMaxTokens)
	}
	u, err := url.Parse(c.OpenAIURL)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || (u.Scheme != "https" && u.Scheme != "http") {
		return bad("HOOKLINE_OPENAI_URL is not usable; it must be an https:// URL without user name, password or " +
			"query, such as https://api.openai.com/v1.")
	}
	if u.Scheme == "http" && c.OpenAIKey != "" && !loopback(u.Hostname()) {
		return bad("HOOKLINE_OPENAI_URL is http://, and HOOKLINE_OPENAI_KEY would travel in the clear. Use " +
			"https://, or no key.")
	}
	return nil
}
