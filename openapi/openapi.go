// Package openapi holds the contract, the one hand-maintained description of everything Hookline serves and sends.
// All generated code (gen/), request validation, access rules, the docs page and the event catalogue come from it.
package openapi

import _ "embed"

//go:generate go tool -modfile=../deploy/dev/tools/go.mod oapi-codegen -config models.cfg.yaml openapi.yaml
//go:generate go tool -modfile=../deploy/dev/tools/go.mod oapi-codegen -config server.cfg.yaml openapi.yaml
//go:generate go tool -modfile=../deploy/dev/tools/go.mod oapi-codegen -config client.cfg.yaml openapi.yaml
//go:generate go tool -modfile=../deploy/dev/tools/go.mod oapi-codegen -config operators.cfg.yaml openapi.yaml
//go:generate go run ./json
//go:generate go run ./sdk
//go:generate sh typescript.sh

// YAML is the contract as it is written: OpenAPI 3.1, operators' operations included.
//
//go:embed openapi.yaml
var YAML []byte
