package leak

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/wire"
)

// API serves the operation that receives reports.
type API struct {
	keys  *KeyList
	store *Store
}

// NewAPI makes the API.
func NewAPI(keys *KeyList, store *Store) *API { return &API{keys: keys, store: store} }

// endLimit bounds the transaction that revokes leaked keys: a reporter that disconnects does not cancel it.
const endLimit = 20 * time.Second

// ReportLeakedKeys implements the operation of the contract.
func (a *API) ReportLeakedKeys(ctx context.Context,
	r api.ReportLeakedKeysRequestObject) (api.ReportLeakedKeysResponseObject, error) {
	finds := wire.Map(*r.Body, func(t api.LeakedToken) Find {
		return Find{Token: t.Token, URL: wire.Or(t.URL, ""), Source: wire.Or(t.Source, "")}
	})
	// The keys are revoked even if the reporter disconnects.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endLimit)
	defer cancel()
	known, err := a.store.End(ctx, finds)
	if err != nil {
		return nil, problem.Wrap(err)
	}
	return feedback(*r.Body, known), nil
}

// Verify checks the signature of a report. It does not say what is wrong with one.
func (a *API) Verify(ctx context.Context, h http.Header, body []byte) error {
	if !a.keys.on() {
		return problem.New(problem.NotFound, "Secret scanning is disabled, so reports are not accepted.")
	}
	identifier, signature := h.Get("Github-Public-Key-Identifier"), h.Get("Github-Public-Key-Signature")
	unsigned := problem.New(problem.Unauthorized, "The report is not signed with a key of GitHub's secret scanning.")
	if identifier == "" || signature == "" {
		return unsigned // refused without the list
	}
	key, err := a.keys.find(ctx, identifier)
	switch {
	case errors.Is(err, errNoList):
		return problem.New(problem.Unavailable,
			"The public keys that reports are signed with are not available. Send the report again "+
				"in a minute.")
	case errors.Is(err, errUnknownKey):
		return unsigned
	case err != nil:
		return err
	case !signed(key, signature, body):
		return unsigned
	}
	return nil
}

func feedback(report api.LeakReport, known []bool) api.ReportLeakedKeys200JSONResponse {
	out := make(api.ReportLeakedKeys200JSONResponse, len(report))
	for i, t := range report {
		label := api.LeakLabelLabelFalsePositive
		if known[i] {
			label = api.LeakLabelLabelTruePositive
		}
		out[i] = api.LeakLabel{TokenHash: tokenHash(t.Token), TokenType: hide(t.Type, t.Token), Label: label}
	}
	return out
}
