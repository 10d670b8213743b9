package generator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// OpenAIConfig is the model and the URL of its API.
type OpenAIConfig struct {
	URL       string // of the API, such as https://api.openai.com/v1
	Key       string // empty for an API that asks for none
	Model     string
	Timeout   time.Duration // of one request, answer included
	Retries   int           // of a request that was limited or failed; not of one that timed out
	MaxTokens int           // of an answer
}

// maxWait is the longest delay before a retry; an API that asks for more gets no retry.
const maxWait = 30 * time.Second

// Limit is how long it may take to write a post, all retries included.
func (c OpenAIConfig) Limit() time.Duration {
	return time.Duration(c.Retries+1)*c.Timeout + time.Duration(c.Retries)*maxWait
}

// OpenAI generates posts with a language model, through the API of OpenAI that many others implement.
type OpenAI struct {
	config OpenAIConfig
	chat   chat
}

// NewOpenAI makes it.
func NewOpenAI(c OpenAIConfig) *OpenAI { return &OpenAI{config: c, chat: newChat(c)} }

// Generate generates a post. The error is a *Failure, unless ctx ended.
func (o *OpenAI) Generate(ctx context.Context, b Brief) (Result, error) {
	brief, err := json.Marshal(b)
	if err != nil {
		return Result{}, err
	}
	form := formOf[b.Kind]
	answer, err := o.chat.complete(ctx, question{
		Model:     o.config.Model,
		Messages:  []message{{Role: "system", Content: form.task}, {Role: "user", Content: string(brief)}},
		MaxTokens: o.config.MaxTokens,
		Format:    format{"json_schema", formSchema{form.name, form.schema, true}},
	})
	if err != nil {
		if ctx.Err() != nil {
			return Result{}, ctx.Err()
		}
		return Result{}, o.failed(err)
	}
	return o.read(b, answer)
}

// read reads the draft from a response.
func (o *OpenAI) read(b Brief, answer completion) (Result, error) {
	if len(answer.Choices) == 0 {
		return Result{}, invalid(errors.New("no choices"))
	}
	choice := answer.Choices[0]
	switch {
	case choice.Message.Refusal != "":
		return Result{}, refused(choice.Message.Refusal)
	case choice.FinishReason == "content_filter":
		return Result{}, refused("")
	case choice.FinishReason == "length":
		return Result{}, &Failure{Reason: CutOff,
			Text: fmt.Sprintf("What the model wrote was cut off at its limit of %d tokens. Ask for a shorter post.",
				o.config.MaxTokens)}
	}
	draft, err := formOf[b.Kind].read(unfenced(choice.Message.Content))
	if err == nil {
		draft, err = draft.tidy(b)
	}
	if err != nil {
		return Result{}, invalid(err)
	}
	r := Result{Draft: draft, Generator: OpenAIName, Model: o.config.Model}
	if used := answer.Usage; used != nil {
		r.InputTokens, r.OutputTokens = &used.PromptTokens, &used.CompletionTokens
	}
	return r, nil
}

// failed describes an error without quoting the API, whose message may contain parts of the key.
func (o *OpenAI) failed(err error) *Failure {
	var api *statusError
	var network *url.Error
	switch {
	case errors.As(err, &api):
		return refusedBy(api)
	case errors.Is(err, context.DeadlineExceeded):
		return &Failure{Timeout, fmt.Sprintf("The model did not answer within %s. Try again.", o.config.Timeout), err}
	case errors.As(err, &network):
		if network.Timeout() {
			return &Failure{Timeout, fmt.Sprintf("The model did not answer within %s. Try again.", o.config.Timeout),
				err}
		}
		return &Failure{Unavailable, "The model can't be reached. Try again later.", err}
	}
	return invalid(err)
}

func refusedBy(e *statusError) *Failure {
	switch {
	case e.code == "content_filter" || e.code == "content_policy_violation":
		return refused("")
	case e.code == "insufficient_quota":
		return &Failure{Misconfigured,
			"The account at the model's provider is used up. Tell the operator of this service.", e}
	case e.status == http.StatusTooManyRequests:
		return &Failure{RateLimited, "The model takes no more requests for the moment. Try again later.", e}
	case e.status == http.StatusRequestTimeout:
		return &Failure{Timeout, "The model did not answer in time. Try again.", e}
	case e.status >= http.StatusInternalServerError || e.status == http.StatusConflict:
		return &Failure{Unavailable, "The model's provider has a fault. Try again later.", e}
	}
	return &Failure{Misconfigured,
		"The model's provider does not accept our requests. Tell the operator of this service.",
		e}
}

func invalid(cause error) *Failure {
	return &Failure{InvalidAnswer, "The model answered, but not with a post. Try again, or with other words.", cause}
}

func refused(words string) *Failure {
	text := "The model refused to write this. Try other words."
	if words != "" {
		text = "The model refused to write this: " + shorten(strings.Join(strings.Fields(words), " "), 300)
	}
	return &Failure{Reason: Refused, Text: text}
}

// unfenced removes the code fence that models put around JSON when the API does not enforce the schema.
func unfenced(s string) string {
	s = strings.TrimSpace(s)
	inner, opened := strings.CutPrefix(s, "```")
	inner, closed := strings.CutSuffix(inner, "```")
	if !opened || !closed {
		return s
	}
	return strings.TrimPrefix(inner, "json")
}
