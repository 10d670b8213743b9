package content

import (
	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/generator"
	"github.com/hookline/hookline/internal/wire"
)

// toWire is a post in the contract's form, which is also the data of its events.
func toWire(p Post) any {
	if p.Kind == generator.Social {
		return socialToWire(p)
	}
	return blogToWire(p)
}

func blogToWire(p Post) api.BlogPost {
	return api.BlogPost{
		ID: p.WireID(), Status: api.PostStatus(p.Status), Brief: blogBriefToWire(p.Brief.V),
		Title:   wire.Null(wire.Text(p.Title)),
		Excerpt: wire.Null(wire.Text(p.Excerpt)), Body: wire.Null(wire.Text(p.Body)), Keywords: p.Tags.V,
		Generator: wire.Null(wire.Text(p.Generator)), AgentRunID: p.RunID, Reason: wire.Null(wire.Text(p.Reason)),
		Error: wire.Null(wire.Text(p.Error)), CreatedAt: p.CreatedAt.Time, UpdatedAt: p.UpdatedAt.Time,
		ApprovedAt: wire.Null(p.ApprovedAt.Pointer()), PublishedAt: wire.Null(p.PublishedAt.Pointer()),
	}
}

func socialToWire(p Post) api.SocialPost {
	return api.SocialPost{
		ID: p.WireID(), Status: api.PostStatus(p.Status), Platform: api.SocialPlatform(p.Platform),
		Brief: socialBriefToWire(p.Brief.V),
		Text:  wire.Null(wire.Text(p.Body)), Hashtags: p.Tags.V,
		Generator: wire.Null(wire.Text(p.Generator)), AgentRunID: p.RunID, Reason: wire.Null(wire.Text(p.Reason)),
		Error: wire.Null(wire.Text(p.Error)), CreatedAt: p.CreatedAt.Time, UpdatedAt: p.UpdatedAt.Time,
		ApprovedAt: wire.Null(p.ApprovedAt.Pointer()), PublishedAt: wire.Null(p.PublishedAt.Pointer()),
	}
}

func blogBriefToWire(b generator.Brief) api.BlogBrief {
	return api.BlogBrief{
		Topic: b.Topic, Keywords: list(b.Keywords), Tone: wire.Text(b.Tone), Audience: wire.Text(b.Audience),
		Language: wire.Text(b.Language), WordCount: &b.WordCount, Instructions: wire.Text(b.Instructions),
	}
}

func socialBriefToWire(b generator.Brief) api.SocialBrief {
	return api.SocialBrief{
		Topic: b.Topic, Platform: api.SocialPlatform(b.Platform), Keywords: list(b.Keywords), Tone: wire.Text(b.Tone),
		Audience: wire.Text(b.Audience), Language: wire.Text(b.Language), Instructions: wire.Text(b.Instructions),
	}
}

func list(texts []string) *[]string {
	if len(texts) == 0 {
		return nil
	}
	return &texts
}

// The defaults of the contract.
const (
	defaultLanguage  = "en"
	defaultWordCount = 800
)

func fromBlogBrief(b api.BlogBrief) generator.Brief {
	return generator.Brief{
		Kind: generator.Blog, Topic: b.Topic, Keywords: wire.Or(b.Keywords, nil), Tone: wire.Or(b.Tone, ""),
		Audience: wire.Or(b.Audience, ""),
		Language: wire.Or(b.Language, defaultLanguage), WordCount: wire.Or(b.WordCount, defaultWordCount),
		Instructions: wire.Or(b.Instructions, ""),
	}
}

func fromSocialBrief(b api.SocialBrief) generator.Brief {
	return generator.Brief{
		Kind: generator.Social, Topic: b.Topic, Platform: string(b.Platform), Keywords: wire.Or(b.Keywords, nil),
		Tone:     wire.Or(b.Tone, ""),
		Audience: wire.Or(b.Audience, ""), Language: wire.Or(b.Language, defaultLanguage),
		Instructions: wire.Or(b.Instructions, ""),
	}
}

func runToWire(r Run) api.AgentRun {
	return api.AgentRun{
		ID: r.ID, Agent: api.Agent(r.Agent), Status: api.AgentRunStatus(r.Status), PostID: r.postWireID(),
		Generator: wire.Null(wire.Text(r.Generator)), Model: wire.Null(wire.Text(r.Model)),
		Reason: wire.Null(wire.Text(r.Reason)),
		Error:  wire.Null(wire.Text(r.Error)), InputTokens: wire.Null(r.InputTokens),
		OutputTokens: wire.Null(r.OutputTokens),
		ChargeID:     wire.Null(wire.Text(r.ChargeID)), RefundID: wire.Null(wire.Text(r.RefundID)),
		CreatedAt: r.CreatedAt.Time,
		StartedAt: wire.Null(r.StartedAt.Pointer()), FinishedAt: wire.Null(r.FinishedAt.Pointer()),
	}
}

// toData is a run that is over as the data of its event.
func toData(r Run) api.AgentData {
	return api.AgentData{
		ID: r.ID, Agent: api.Agent(r.Agent), Status: api.AgentDataStatus(r.Status), PostID: r.postWireID(),
		Generator: wire.Null(wire.Text(r.Generator)), Model: wire.Null(wire.Text(r.Model)),
		Reason: wire.Null(wire.Text(r.Reason)),
		Error:  wire.Null(wire.Text(r.Error)), CreatedAt: r.CreatedAt.Time, StartedAt: wire.Null(r.StartedAt.Pointer()),
		FinishedAt: r.FinishedAt.Time,
	}
}
