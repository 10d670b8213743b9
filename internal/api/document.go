package api

import (
	"context"
	"net/http"
	"strings"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/wire"
)

// document is a response with the contract, for pages of any origin.
type document struct {
	contentType, tag string
	form             contract.Form // empty when the caller has it already
	compress         bool
}

func (d document) write(w http.ResponseWriter) error {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "ETag")
	h.Set("Cache-Control", "no-cache") // may be kept, and is asked for again with its tag
	h.Set("Vary", "Accept-Encoding, Authorization, X-Api-Key")
	h.Set("ETag", d.tag)
	if d.form.Plain == nil {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", d.contentType)
	body := d.form.Plain
	if d.compress {
		h.Set("Content-Encoding", "gzip")
		body = d.form.Gzip
	}
	_, err := w.Write(body)
	return err
}

// VisitGetContractJSONResponse implements the generated interface.
func (d document) VisitGetContractJSONResponse(w http.ResponseWriter) error { return d.write(w) }

// VisitGetContractYAMLResponse implements the generated interface.
func (d document) VisitGetContractYAMLResponse(w http.ResponseWriter) error { return d.write(w) }

// GetContractJSON implements the operation of the contract.
func (a *SystemAPI) GetContractJSON(ctx context.Context,
	r gen.GetContractJSONRequestObject) (gen.GetContractJSONResponseObject, error) {
	p := r.Params
	made, err := a.edition(ctx, p.Profile)
	return document{"application/json", made.Tag, made.JSON, accepts(p.AcceptEncoding)}.unless(p.IfNoneMatch), err
}

// GetContractYAML implements the operation of the contract.
func (a *SystemAPI) GetContractYAML(ctx context.Context,
	r gen.GetContractYAMLRequestObject) (gen.GetContractYAMLResponseObject, error) {
	p := r.Params
	made, err := a.edition(ctx, p.Profile)
	return document{"application/yaml", made.Tag, made.YAML, accepts(p.AcceptEncoding)}.unless(p.IfNoneMatch), err
}

// edition is the document of the profile that is named; when none is, that of the caller's tenant, and the default one
// for a stranger.
func (a *SystemAPI) edition(ctx context.Context, of *gen.Profile) (contract.Document, error) {
	name := string(wire.Or(of, ""))
	if name == "" {
		name = visitorProfile(ctx)
	}
	return a.contract.Publish(profile.Of(name).Edition())
}

// accepts reports whether a caller takes gzip.
func accepts(encoding *string) bool { return strings.Contains(wire.Or(encoding, ""), "gzip") }

// unless leaves the body out when the caller has it.
func (d document) unless(has *string) document {
	if strings.Contains(wire.Or(has, ""), d.tag) && d.tag != "" {
		d.form = contract.Form{}
	}
	return d
}
