package docsui

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/dashboard/ui"
)

// collection is the operations of an edition in the format of Postman, version 2.1, which Bruno and others import, too.
type collection struct {
	Info struct {
		Name        string `json:"name"`
		Description string `json:"description"`
		Schema      string `json:"schema"`
	} `json:"info"`
	Auth      collectionAuth  `json:"auth"`
	Variables []collectionVar `json:"variable"`
	Folders   []folder        `json:"item"`
}

type collectionAuth struct {
	Type   string          `json:"type"`
	Bearer []collectionVar `json:"bearer,omitempty"`
}

// collectionVar is a variable, a parameter or a header.
type collectionVar struct {
	Key         string `json:"key"`
	Value       string `json:"value"`
	Type        string `json:"type,omitempty"`
	Description string `json:"description,omitempty"`
	Disabled    bool   `json:"disabled,omitempty"`
}

type folder struct {
	Name        string           `json:"name"`
	Description string           `json:"description"`
	Items       []collectionItem `json:"item"`
}

type collectionItem struct {
	Name    string            `json:"name"`
	Request collectionRequest `json:"request"`
}

type collectionRequest struct {
	Method      string          `json:"method"`
	Description string          `json:"description"`
	Headers     []collectionVar `json:"header"`
	URL         collectionURL   `json:"url"`
	Body        *collectionBody `json:"body,omitempty"`
	Auth        *collectionAuth `json:"auth,omitempty"`
}

type collectionURL struct {
	Raw       string          `json:"raw"`
	Host      []string        `json:"host"`
	Path      []string        `json:"path"`
	Query     []collectionVar `json:"query,omitempty"`
	Variables []collectionVar `json:"variable,omitempty"`
}

type collectionBody struct {
	Mode    string         `json:"mode"`
	Raw     string         `json:"raw"`
	Options map[string]any `json:"options"`
}

const (
	collectionFile = "postman.json" // below an edition's base
	// collectionFormat names the format's version.
	collectionFormat = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
)

// collectionOf makes the collection of an edition. server is the value of its variable for the address.
func collectionOf(e *edition, server string) collection {
	var c collection
	c.Info.Name, c.Info.Schema = e.info.text("title"), collectionFormat
	c.Info.Description = "Set the variable api_key, and base_url for another server."
	c.Auth = collectionAuth{Type: "bearer",
		Bearer: []collectionVar{{Key: "token", Value: "{{api_key}}", Type: "string"}}}
	c.Variables = []collectionVar{{Key: "base_url", Value: server}, {Key: "api_key"}}
	for _, t := range e.tags {
		f := folder{Name: t.Title, Description: t.Description}
		for _, o := range t.Operations {
			f.Items = append(f.Items, collectionItem{o.Summary, requestOf(o)})
		}
		c.Folders = append(c.Folders, f)
	}
	return c
}

func requestOf(o operation) collectionRequest {
	path := braces.ReplaceAllString(o.Path, ":$1")
	r := collectionRequest{Method: o.Method, Description: strings.TrimSpace(o.Plain), Headers: []collectionVar{},
		URL: collectionURL{Raw: "{{base_url}}" + path, Host: []string{"{{base_url}}"},
			Path: strings.Split(strings.TrimPrefix(path, "/"), "/")}}
	for _, p := range o.in("path") {
		r.URL.Variables = append(r.URL.Variables, collectionVar{Key: p.Name, Value: p.orID(), Description: p.Plain})
	}
	for _, p := range o.in("query") { // all can be switched on
		r.URL.Query = append(r.URL.Query, collectionVar{Key: p.Name, Value: p.value(), Description: p.Plain,
			Disabled: !p.Required})
	}
	if o.Permission == "" {
		r.Auth = &collectionAuth{Type: "noauth"}
	}
	if len(o.example) > 0 {
		r.Headers = append(r.Headers, collectionVar{Key: "Content-Type", Value: "application/json"})
		r.Body = &collectionBody{Mode: "raw", Raw: indented(o.example),
			Options: map[string]any{"raw": map[string]string{"language": "json"}}}
	}
	return r
}

// collect answers with the collection.
func (s *site) collect(c echo.Context, e *edition) error {
	file := e.name + ".postman_collection.json"
	c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="`+file+`"`)
	return c.JSONPretty(http.StatusOK, collectionOf(e, ui.Base(c.Request())), "  ")
}
