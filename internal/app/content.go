package app

import (
	"context"
	"time"

	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/generator"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/resource/content"
)

type writer interface {
	Generate(ctx context.Context, b generator.Brief) (generator.Result, error)
}

// outlineLimit is more than an outline ever takes.
const outlineLimit = 10 * time.Second

// generator is what writes posts, and how long it may take.
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

func (a *App) buildContent(p *parts) {
	p.content = content.NewStore(a.db, p.outbox, a.Credits, p.now)
	_, limit := a.generator()
	a.agentRuns = content.NewSchedule(p.content, p.schedule, limit)
}

func (a *App) buildAgents(p parts) {
	write, limit := a.generator()
	a.agents = content.NewWorker(p.content, write, limit, a.config.WorkerAgents)
	a.agentTasks = queue.NewAgentServers(a.redis, a.config.WorkerAgents, a.config.ShutdownTimeout, a.agents.Handle)
}
