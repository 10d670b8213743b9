package app

import (
	"context"
	"fmt"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/operator"
)

// CreateOperatorKey makes an operator key in a database, for somebody at a command line, and returns its text. The
// audit log records it. It needs no running process.
func CreateOperatorKey(ctx context.Context, databaseURL string, body api.OperatorKeyCreate) (string, error) {
	d, err := openMigrated(ctx, databaseURL)
	if err != nil {
		return "", err
	}
	defer func() { _ = d.Close() }()
	keys := operator.NewAPI(operator.NewStore(d, clock.System), audit.New(d, clock.System))
	response, err := keys.CreateOperatorKey(atCommandLine(ctx, "operator_key.created"),
		api.CreateOperatorKeyRequestObject{Body: &body})
	if err != nil {
		return "", err
	}
	made, ok := response.(api.CreateOperatorKey201JSONResponse)
	if !ok {
		return "", fmt.Errorf("app: an operator key was answered with %T", response)
	}
	return made.Key, nil
}
