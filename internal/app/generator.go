package app

import (
	"context"
	"time"

	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/generator"
)

type writer interface {
	Generate(ctx context.Context, b generator.Brief) (generator.Result, error)
}

// outlineLimit is more than an outline ever takes.
const outlineLimit = 10 * time.Second

// generator returns what writes posts, and how long it may take.
func (a *App) generator() (writer, time.Duration) {
	if a.config.Generator != config.GeneratorOpenAI {
		return generator.Outline{}, outlineLimit
	}
	c := generator.OpenAIConfig{
		URL: a.config.OpenAIURL, Key: a.config.OpenAIKey, Model: a.config.OpenAIModel, Timeout: a.config.OpenAITimeout,
		Retries: a.config.OpenAIRetries, MaxTokens: a.config.OpenAIMaxTokens,
	}
	return generator.NewOpenAI(c), c.Limit()
}
