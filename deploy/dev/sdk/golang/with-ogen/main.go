// Command with-ogen makes the five calls with the client that ogen generates.
package main

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/ogen-go/ogen/ogenerrors"

	calls "github.com/hookline/hookline/deploy/dev/sdk/golang"
	"github.com/hookline/hookline/deploy/dev/sdk/golang/ogen"
)

// key authenticates with an API key as a bearer token.
type key string

// ApiKey implements the generated interface: the scheme is not used.
func (key) ApiKey(context.Context, ogen.OperationName) (ogen.ApiKey, error) {
	return ogen.ApiKey{}, ogenerrors.ErrSkipClientSecurity
}

// Bearer implements the generated interface.
func (k key) Bearer(context.Context, ogen.OperationName) (ogen.Bearer, error) {
	return ogen.Bearer{Token: string(k)}, nil
}

func main() { calls.Exit(run(context.Background())) }

func run(ctx context.Context) error {
	client, err := ogen.NewClient(calls.BaseURL(), key(calls.Key()))
	if err != nil {
		return err
	}
	answer, err := client.CreateWebhook(ctx, &ogen.WebhookCreate{Name: ogen.NewOptString(calls.Name),
		URL: calls.InboxURL(), Events: []string{calls.EventType}}, ogen.CreateWebhookParams{})
	first, ok := answer.(*ogen.CreateWebhookCreated)
	if err != nil || !ok || !first.Response.Enabled || !strings.HasPrefix(first.Response.Secret.Or(""), "whsec_") {
		return calls.Unexpected("createWebhook", answer, err)
	}
	made := first.Response

	var data ogen.EventCreateData
	if err := json.Unmarshal([]byte(calls.EventData), &data); err != nil {
		return err
	}
	accepted, err := client.PublishEvent(ctx, &ogen.EventCreate{Type: calls.EventType, Data: data},
		ogen.PublishEventParams{})
	published, ok := accepted.(*ogen.EventHeaders)
	if err != nil || !ok {
		return calls.Unexpected("publishEvent", accepted, err)
	}

	filter := ogen.ListDeliveriesParams{WebhookID: ogen.NewOptString(made.ID),
		EventID: ogen.NewOptString(published.Response.ID),
		Status:  ogen.NewOptDeliveryStatus(ogen.DeliveryStatusSucceeded)}
	delivery, err := calls.Succeeded(func() ([]ogen.Delivery, error) {
		answer, err := client.ListDeliveries(ctx, filter)
		page, ok := answer.(*ogen.DeliveryListHeaders)
		if err != nil || !ok {
			return nil, calls.Unexpected("listDeliveries", answer, err)
		}
		return page.Response.Data, nil
	})
	if err != nil || delivery.EventType != calls.EventType {
		return calls.Unexpected("listDeliveries", delivery, err)
	}

	result, err := client.TestWebhook(ctx, ogen.OptWebhookTest{}, ogen.TestWebhookParams{WebhookID: made.ID})
	test, ok := result.(*ogen.WebhookTestResultHeaders)
	if err != nil || !ok || !test.Response.Succeeded {
		return calls.Unexpected("testWebhook", result, err)
	}

	answered, err := client.CreateKey(ctx, &ogen.KeyCreate{Name: calls.Name}, ogen.CreateKeyParams{})
	created, ok := answered.(*ogen.KeyCreatedHeaders)
	if err != nil || !ok || created.Response.Key == "" {
		return calls.Unexpected("createKey", answered, err)
	}
	return nil
}
