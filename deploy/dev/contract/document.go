package main

import (
	"maps"
	"strings"

	"go.yaml.in/yaml/v3"
)

// document is a contract, or a part of it.
type document map[string]any

func parse(text []byte) (document, error) {
	var d document
	return d, yaml.Unmarshal(text, &d)
}

func (d document) encode() ([]byte, error) { return yaml.Marshal(map[string]any(d)) }

// calls is the part that callers use.
func (d document) calls() document {
	out := maps.Clone(d)
	delete(out, "webhooks")
	return out
}

// webhooks is the part with these webhooks alone.
func (d document) webhooks(kept map[string]any) document {
	out := maps.Clone(d)
	out["paths"], out["webhooks"] = map[string]any{}, kept
	return out
}

// requests returns the webhooks by name. One that describes all events of a profile becomes one for each event, so that
// a new event type is no change of the others.
func (d document) requests() map[string]any {
	out := map[string]any{}
	for name, item := range at(d, "webhooks") {
		post := at(item, "post")
		content := at(post, "requestBody", "content")
		for contentType, media := range content {
			ref, _ := at(media, "schema")["$ref"].(string)
			union := at(d, "components", "schemas", ref[strings.LastIndex(ref, "/")+1:])
			events := at(union, "discriminator", "mapping")
			if len(events) == 0 {
				out[name] = item
			}
			for event, schema := range events {
				body := map[string]any{"content": map[string]any{
					contentType: map[string]any{"schema": map[string]any{"$ref": schema}}}}
				of := maps.Clone(post)
				of["requestBody"], of["operationId"] = body, name+" "+event
				out[name+" "+event] = map[string]any{"post": of}
			}
		}
	}
	return out
}

// at is the object at a path; empty when there is none.
func at(v any, path ...string) map[string]any {
	for _, step := range path {
		switch m := v.(type) {
		case document:
			v = m[step]
		case map[string]any:
			v = m[step]
		default:
			return nil
		}
	}
	switch m := v.(type) {
	case document:
		return m
	case map[string]any:
		return m
	}
	return nil
}
