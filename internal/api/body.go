package api

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/labstack/echo/v4"
	echomiddleware "github.com/oapi-codegen/echo-middleware"

	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/wire"
)

// drainLimit is how many bytes of a body over the limit the server still reads, so that the client gets the response
// and not a connection error.
const drainLimit = 32 << 20

// strictJSON reads the body and refuses what a lenient parser would let through: trailing data, duplicate keys,
// invalid UTF-8. Handlers of public operations find the body as it was sent in their context.
func strictJSON(rule contract.Rule, limit int64) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			media, _, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
			if err != nil || media != echo.MIMEApplicationJSON {
				return problem.New(problem.UnsupportedMediaType, "Send the body as 'Content-Type: application/json'.")
			}
			body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
			if err != nil {
				return problem.Invalid(problem.Detail{Message: "the body could not be read to its end"})
			}
			if int64(len(body)) > limit {
				_, _ = io.CopyN(io.Discard, r.Body, drainLimit)
				return problem.New(problem.PayloadTooLarge, "The body is larger than %d bytes.", limit)
			}
			if detail := checkJSON(body); detail != nil {
				return problem.Invalid(*detail)
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			r.ContentLength = int64(len(body))
			if rule.Public { // such a request can only prove its origin by a signature over these bytes
				c.SetRequest(r.WithContext(wire.WithRaw(r.Context(), body)))
			}
			return next(c)
		}
	}
}

// checkJSON returns what is wrong with a body that must be one JSON value, or nil.
func checkJSON(body []byte) *problem.Detail {
	if len(bytes.TrimSpace(body)) == 0 {
		return &problem.Detail{Message: "the body is empty; it must be a JSON object"}
	}
	d := jsontext.NewDecoder(bytes.NewReader(body))
	value, err := d.ReadValue()
	if err != nil {
		detail := &problem.Detail{Message: "the body is not valid JSON near byte " + strconv.FormatInt(d.InputOffset(),
			10)}
		if syntax := (*jsontext.SyntacticError)(nil); errors.As(err, &syntax) {
			detail.Message = "the body is not valid JSON near byte " + strconv.FormatInt(syntax.ByteOffset, 10)
			if errors.Is(err, jsontext.ErrDuplicateName) {
				detail.Field = strings.ReplaceAll(strings.TrimPrefix(string(syntax.JSONPointer), "/"), "/", ".")
				detail.Message = "is given twice"
			}
		}
		return detail
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return &problem.Detail{Message: "the body continues after the end of its JSON value, near byte " +
			strconv.FormatInt(d.InputOffset(), 10)}
	}
	if bytes.Contains(value, []byte(`\u0000`)) {
		return nulDetail(body)
	}
	return nil
}

// nulDetail says where a body contains a NUL character, which PostgreSQL can't store; both engines refuse it. It is nil
// when the match was an escaped backslash followed by four zeros.
func nulDetail(body []byte) *problem.Detail {
	d := jsontext.NewDecoder(bytes.NewReader(body))
	for {
		token, err := d.ReadToken()
		if err != nil {
			return nil
		}
		if token.Kind() == '"' && strings.ContainsRune(token.String(), 0) {
			field := strings.ReplaceAll(strings.TrimPrefix(string(d.StackPointer()), "/"), "/", ".")
			return &problem.Detail{Field: field, Message: "contains a NUL character"}
		}
	}
}

// plainText refuses paths and queries that are not valid UTF-8: no resource has such a name, and PostgreSQL would fail
// on them.
func plainText(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		for _, name := range c.ParamNames() {
			decoded, err := url.PathUnescape(c.Param(name)) // the router leaves some of them encoded
			if err == nil && !isText(decoded) {
				return echo.ErrNotFound
			}
		}
		for name, values := range c.QueryParams() {
			for _, v := range values {
				if !isText(name) || !isText(v) {
					return problem.Invalid(problem.Detail{Field: strings.ToValidUTF8(name, "?"),
						Message: "is not UTF-8 text without NUL characters"})
				}
			}
		}
		return next(c)
	}
}

func isText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// validator checks parameters and body against the contract and names every violation at once.
func validator(c *contract.Contract) echo.MiddlewareFunc {
	return echomiddleware.OapiRequestValidatorWithOptions(c.Validation, &echomiddleware.Options{
		DoNotValidateServers:  true,
		SilenceServersWarning: true,
		Options: openapi3filter.Options{
			MultiError:          true,
			SkipSettingDefaults: true, // else the validator rewrites the raw body
			AuthenticationFunc:  openapi3filter.NoopAuthenticationFunc,
		},
		MultiErrorHandler: func(me openapi3.MultiError) *echo.HTTPError {
			return &echo.HTTPError{Code: http.StatusBadRequest, Internal: me}
		},
		ErrorHandler: func(_ echo.Context, err *echo.HTTPError) error {
			if err.Internal == nil {
				return err
			}
			return problem.Invalid(requestViolations(err.Internal)...)
		},
	})
}

func requestViolations(err error) []problem.Detail {
	if many, ok := err.(openapi3.MultiError); ok { //nolint:errorlint // only the outermost
		var out []problem.Detail
		for _, e := range many {
			out = append(out, requestViolations(e)...)
		}
		return out
	}
	var re *openapi3filter.RequestError
	if !errors.As(err, &re) {
		return contract.Violations("", err)
	}
	if re.Parameter != nil {
		return parameterViolations(re)
	}
	if re.Err == nil {
		return []problem.Detail{{Message: "the body is not valid: " + re.Reason}}
	}
	return contract.Violations("", re.Err)
}

func parameterViolations(re *openapi3filter.RequestError) []problem.Detail {
	name := re.Parameter.Name
	var parse *openapi3filter.ParseError
	switch {
	case errors.As(re.Err, &parse):
		kind := "value"
		if s := re.Parameter.Schema; s != nil && s.Value.Type != nil && len(s.Value.Type.Slice()) > 0 {
			kind = s.Value.Type.Slice()[0]
		}
		return []problem.Detail{{Field: name, Message: "must be of type " + kind}}
	case re.Err != nil:
		return contract.Violations(name, re.Err)
	}
	return []problem.Detail{{Field: name, Message: re.Reason}}
}
