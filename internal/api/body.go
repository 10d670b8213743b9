package api

import (
	"bytes"
	"context"
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

	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/wire"
)

// drainLimit is how many bytes of a body over the limit the server still reads, so that the client gets the response
// and not a connection error. Of strangers it reads less: strangersDrain times the limit.
const (
	drainLimit     = 32 << 20
	strangersDrain = 4
)

// bodyKey is where the context of a request has the bytes of its body.
const bodyKey = "body"

// sent returns the body as it was sent.
func sent(c echo.Context) []byte {
	body, _ := c.Get(bodyKey).([]byte)
	return body
}

// setBody gives a request another body.
func setBody(c echo.Context, body []byte) {
	c.Set(bodyKey, body)
	c.Request().Body, c.Request().ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
}

// readBody reads the body within its limit.
func readBody(rule contract.Rule, limit int64) echo.MiddlewareFunc {
	drain := int64(drainLimit)
	if rule.BodyLimit > 0 {
		limit = min(limit, rule.BodyLimit)
	}
	if rule.Public {
		drain = strangersDrain * limit
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			unknown := checkMedia(c)
			if unknown != nil && !rule.OptionalBody {
				return unknown
			}
			body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
			if err != nil {
				return problem.Invalid(problem.Detail{Message: "the body could not be read to its end"})
			}
			if int64(len(body)) > limit {
				_, _ = io.CopyN(io.Discard, r.Body, drain)
				return problem.New(problem.PayloadTooLarge, "The body is larger than %d bytes.", limit)
			}
			switch {
			case rule.OptionalBody && len(body) == 0:
				body = []byte("{}")
			case unknown != nil:
				return unknown
			}
			r.Header.Set(echo.HeaderContentType, echo.MIMEApplicationJSON) // echo knows it in lower case only
			setBody(c, body)
			return next(c)
		}
	}
}

// checkMedia refuses bodies that are no JSON, or that are encoded, with a problem.
func checkMedia(c echo.Context) error {
	h := c.Request().Header
	for _, coding := range h.Values(echo.HeaderContentEncoding) {
		if !strings.EqualFold(strings.TrimSpace(coding), "identity") {
			c.Response().Header().Set(echo.HeaderAcceptEncoding, "identity")
			return problem.New(problem.UnsupportedMediaType,
				"Send the body as it is, without 'Content-Encoding: %s': encoded bodies are not read.", coding)
		}
	}
	media, _, err := mime.ParseMediaType(h.Get(echo.HeaderContentType))
	if err != nil || media != echo.MIMEApplicationJSON {
		return problem.New(problem.UnsupportedMediaType, "Send the body as 'Content-Type: application/json'.")
	}
	return nil
}

// Signature verifies that a request comes from the one whom its operation is for: by a signature over the bytes of the
// body, since there is no key. It fails with a problem.
type Signature func(ctx context.Context, h http.Header, body []byte) error

// signed refuses what is not signed before anything else is done with the body, as anybody can send one.
func signed(rule contract.Rule, verify Signature) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if verify == nil {
				return errors.New("api: nothing verifies the requests of " + rule.OperationID)
			}
			if err := verify(c.Request().Context(), c.Request().Header, sent(c)); err != nil {
				return err
			}
			return next(c)
		}
	}
}

// strictJSON refuses bodies that a lenient parser would let through: trailing data, duplicate keys, invalid UTF-8.
func strictJSON(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if detail := checkJSON(sent(c)); detail != nil {
			return problem.Invalid(*detail)
		}
		return next(c)
	}
}

// checkJSON returns what is wrong with a body that must be one JSON value, or nil.
func checkJSON(body []byte) *problem.Detail {
	if jsontext.Value(body).IsValid() && !bytes.Contains(body, []byte(`\u0000`)) {
		return nil
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return &problem.Detail{Message: "the body is empty; it must be a JSON object"}
	}
	d := jsontext.NewDecoder(bytes.NewReader(body))
	_, err := d.ReadValue()
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
	return nulDetail(body)
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

// serializer is echo's, but for the decoder, wire.Decode. What that refuses echo's own tells of.
type serializer struct{ echo.DefaultJSONSerializer }

// Deserialize implements echo.JSONSerializer.
func (s serializer) Deserialize(c echo.Context, target any) error {
	if wire.Decode(sent(c), target) == nil {
		return nil
	}
	return s.DefaultJSONSerializer.Deserialize(c, target)
}

// plainText refuses paths and queries that are not valid UTF-8: no resource has such a name, and PostgreSQL would fail
// on them.
func plainText(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		for _, value := range pathParameters(c) {
			if !isText(value) {
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

// validator checks parameters and body against the contract and names every violation at once, with those of the
// operation's own rules, up to problem.MaxDetails.
func validator(c *contract.Contract, units *db.DB, types eventTypes) func(contract.Rule) echo.MiddlewareFunc {
	options := &openapi3filter.Options{
		MultiError:         true,
		ExcludeRequestBody: true, // the library does not stop at any number of violations
		AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
	}
	return func(rule contract.Rule) echo.MiddlewareFunc {
		route, parameters, body := c.Route(rule), c.ParameterChecker(rule), c.BodyChecker(rule)
		return func(next echo.HandlerFunc) echo.HandlerFunc {
			return func(c echo.Context) error {
				r := c.Request()
				wrong := parameters(r.URL.RawQuery, r.Header)
				err := openapi3filter.ValidateRequest(r.Context(), &openapi3filter.RequestValidationInput{Request: r,
					PathParams: pathParameters(c), Route: route, Options: options})
				if err != nil {
					wrong = addFields(wrong, requestViolations(err))
				}
				if body != nil {
					wrong = append(wrong, body(sent(c))...)
				}
				misnamed, err := checkNames(c, rule.Names, types)
				if err != nil {
					return err
				}
				wrong = addFields(wrong, misnamed)
				if len(wrong) > 0 {
					return tryAll(c, rule, units, problem.Invalid(wrong...), next)
				}
				err = next(c)
				if p := violations(err); p != nil && body != nil && !c.Response().Committed {
					return tryAll(c, rule, units, p, next)
				}
				return err
			}
		}
	}
}

// addFields adds the details of fields that are not named yet.
func addFields(details, more []problem.Detail) []problem.Detail {
	named := map[string]bool{}
	for _, d := range details {
		named[d.Field] = true
	}
	for _, d := range more {
		if !named[d.Field] {
			details = append(details, d)
		}
	}
	return details
}

// pathParameters returns the values of the path's parameters, decoded: the router leaves some of them encoded.
func pathParameters(c echo.Context) map[string]string {
	names := c.ParamNames()
	if len(names) == 0 {
		return nil
	}
	out := make(map[string]string, len(names))
	for _, name := range names {
		out[name] = c.Param(name)
		if decoded, err := url.PathUnescape(out[name]); err == nil {
			out[name] = decoded
		}
	}
	return out
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
