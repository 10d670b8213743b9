package api

import (
	"context"
	"net/http"
	"time"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/contract"
)

// SystemAPI serves the contract itself and the probes.
type SystemAPI struct {
	contract *contract.Contract
	version  string
	database func(context.Context) error
	redis    func(context.Context) error
	metrics  http.Handler
}

// NewSystemAPI makes the API. database fails when it can't be written, redis when it does not respond.
func NewSystemAPI(c *contract.Contract, version string, database, redis func(context.Context) error,
	metrics http.Handler) *SystemAPI {
	return &SystemAPI{contract: c, version: version, database: database, redis: redis, metrics: metrics}
}

// GetHealth implements the operation of the contract.
func (a *SystemAPI) GetHealth(context.Context, gen.GetHealthRequestObject) (gen.GetHealthResponseObject, error) {
	return gen.GetHealth200JSONResponse{Status: gen.HealthStatusOk, Version: a.version, Checks: map[string]string{}},
		nil
}

const probeTimeout = 2 * time.Second

// GetReadiness implements the operation of the contract.
func (a *SystemAPI) GetReadiness(ctx context.Context, _ gen.GetReadinessRequestObject) (gen.GetReadinessResponseObject,
	error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	state := func(probe func(context.Context) error) string {
		if probe(ctx) != nil {
			return string(gen.HealthStatusFailing)
		}
		return string(gen.HealthStatusOk)
	}
	h := gen.Health{Status: gen.HealthStatusOk, Version: a.version,
		Checks: map[string]string{"database": state(a.database), "redis": state(a.redis)}}
	if h.Checks["database"] != string(gen.HealthStatusOk) {
		h.Status = gen.HealthStatusFailing
		return gen.GetReadiness503JSONResponse(h), nil
	}
	return gen.GetReadiness200JSONResponse(h), nil
}

type metricsAnswer struct{ handler http.Handler }

// VisitGetMetricsResponse implements the generated interface.
func (m metricsAnswer) VisitGetMetricsResponse(w http.ResponseWriter) error {
	r, err := http.NewRequest(http.MethodGet, "/metrics", http.NoBody)
	if err != nil {
		return err
	}
	m.handler.ServeHTTP(w, r)
	return nil
}

// GetMetrics implements the operation of the contract.
func (a *SystemAPI) GetMetrics(context.Context, gen.GetMetricsRequestObject) (gen.GetMetricsResponseObject, error) {
	return metricsAnswer{a.metrics}, nil
}
