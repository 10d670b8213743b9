// Command with-oapi-codegen makes the five calls with the client that oapi-codegen generates.
package main

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	calls "github.com/hookline/hookline/deploy/dev/sdk/golang"
	"github.com/hookline/hookline/deploy/dev/sdk/golang/oapi"
)

func main() { calls.Exit(run(context.Background())) }

func run(ctx context.Context) error {
	client, err := oapi.NewClientWithResponses(calls.BaseURL(), oapi.WithRequestEditorFn(
		func(_ context.Context, r *http.Request) error {
			r.Header.Set("Authorization", "Bearer "+calls.Key())
			return nil
		}))
	if err != nil {
		return err
	}
	name := calls.Name
	made, err := client.CreateWebhookWithResponse(ctx, nil, oapi.WebhookCreate{Name: &name, Url: calls.InboxURL(),
		Events: &[]string{calls.EventType}})
	if err != nil || made.JSON201 == nil || made.JSON201.Secret == nil || !made.JSON201.Enabled ||
		!strings.HasPrefix(*made.JSON201.Secret, "whsec_") {
		return calls.Unexpected("createWebhook", made, err)
	}

	var data map[string]any
	if err := json.Unmarshal([]byte(calls.EventData), &data); err != nil {
		return err
	}
	published, err := client.PublishEventWithResponse(ctx, nil, oapi.EventCreate{Type: calls.EventType, Data: data})
	if err != nil || published.JSON202 == nil {
		return calls.Unexpected("publishEvent", published, err)
	}

	status := oapi.DeliveryStatus("succeeded")
	filter := oapi.ListDeliveriesParams{WebhookId: &made.JSON201.Id, EventId: &published.JSON202.Id, Status: &status}
	delivery, err := calls.Succeeded(func() ([]oapi.Delivery, error) {
		page, err := client.ListDeliveriesWithResponse(ctx, &filter)
		if err != nil || page.JSON200 == nil {
			return nil, calls.Unexpected("listDeliveries", page, err)
		}
		return page.JSON200.Data, nil
	})
	if err != nil || delivery.EventType != calls.EventType {
		return calls.Unexpected("listDeliveries", delivery, err)
	}

	test, err := client.TestWebhookWithResponse(ctx, made.JSON201.Id, oapi.TestWebhookJSONRequestBody{})
	if err != nil || test.JSON200 == nil || !test.JSON200.Succeeded {
		return calls.Unexpected("testWebhook", test, err)
	}

	key, err := client.CreateKeyWithResponse(ctx, nil, oapi.KeyCreate{Name: calls.Name})
	if err != nil || key.JSON201 == nil || key.JSON201.Key == "" {
		return calls.Unexpected("createKey", key, err)
	}
	return nil
}
