package mcp

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	gen "github.com/hookline/hookline/gen/api"
)

// agreed is the name under which the question to the user is asked.
const agreed = "agreed"

type replayOutput struct {
	Replayed   bool   `json:"replayed"`
	DeliveryID string `json:"delivery_id" jsonschema:"the delivery, which is sent again under the same id"`
	Message    string `json:"message"`
}

// replayDelivery asks the user first, through the client. A client that can't ask gets the command to use instead.
func (t tools) replayDelivery(ctx context.Context, req *sdk.CallToolRequest, in deliveryInput) (*sdk.CallToolResult,
	replayOutput, error) {
	out := replayOutput{DeliveryID: in.ID}
	if answer, asked := req.Params.InputResponses[agreed].(*sdk.ElicitResult); asked {
		if answer.Action != "accept" {
			out.Message = "The user did not agree. Nothing was sent."
			return nil, out, nil
		}
		err := t.api.Call(ctx, http.MethodPost, "/api/v1/deliveries/"+in.ID+"/replay", nil, nil)
		if err != nil {
			return nil, out, err
		}
		out.Replayed, out.Message = true, "It is sent again now. Call explain_delivery to see the outcome."
		return nil, out, nil
	}
	d, e, err := t.delivery(ctx, in.ID)
	if err != nil {
		return nil, out, err
	}
	if !asks(req.Session) {
		return nil, out, errors.New("this client can't ask the user, and a replay needs an answer. The user can run: " +
			"hookline deliveries replay " + in.ID)
	}
	return &sdk.CallToolResult{InputRequests: sdk.InputRequestMap{agreed: &sdk.ElicitParams{
		Message:         question(d, e),
		RequestedSchema: map[string]any{"type": "object", "properties": map[string]any{}},
	}}}, out, nil
}

// asks reports whether a client can ask its user.
func asks(s *sdk.ServerSession) bool {
	p := s.InitializeParams()
	return p == nil || p.Capabilities != nil && p.Capabilities.Elicitation != nil
}

func question(d gen.DeliveryDetail, e *gen.Webhook) string {
	to := "endpoint " + d.WebhookID
	if e != nil {
		to = e.URL
	}
	at := d.CreatedAt.UTC().Format("2006-01-02 15:04:05 UTC")
	return fmt.Sprintf("Send the %s event of %s again to %s? The delivery %s is %s. The consumer gets the same bytes "+
		"and the same webhook id.", d.EventType, at, to, d.ID, d.Status)
}
