// Package contract reads openapi/openapi.yaml once, at start, and derives from it the access rule of each operation, a
// document for validating requests, the documents to publish, and the event catalogue.
package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"

	generated "github.com/hookline/hookline/gen/contract"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
)

// Authenticated is the x-permission of operations that any valid key may call; Operator the one for operators.
const (
	Authenticated = "authenticated"
	Operator      = "operator"
)

// Rule is the access rule of an operation.
type Rule struct {
	OperationID string
	Method      string
	Path        string // as in the contract: /api/v1/leads/{lead_id}
	Public      bool
	Permission  string // Authenticated, Operator, or such as read:leads
	Entitlement string // empty when every plan includes it
	Credits     int64  // what a call costs; 0 when it is free
	Audit       string // what the audit log calls it; empty when it leaves no entry
	Body        bool   // whether it takes a JSON body
	// OptionalBody says that the body may be absent, which is the same as {}.
	OptionalBody bool
	BodyLimit    int64 // how many bytes that can have; 0 when only the server's own limit applies
	Stream       bool  // whether its answer stays open: server-sent events
	Stored       bool  // whether its body counts for the tenant's quota of stored bytes
	// Immediate says that its effect is no row, such as a request to somebody else's server: it runs outside of any
	// transaction but that of a trial.
	Immediate bool
	Stale     bool   // whether its answer may be some seconds old, from a read replica
	ForTenant bool   // whether an operator acts in it as the tenant that the path names
	Resource  string // the product resource that it belongs to; empty for what all products have
	Names     Names  // where it has names of event types
	// Roles are those of operators that may call it; empty unless Permission is Operator.
	Roles []principal.OperatorRole
}

// EventType is an entry of the catalogue: Schema and Sample are JSON, of the event's data.
type EventType struct {
	Name, Group, Description string
	Resource                 string // as a Rule's
	Schema, Sample           []byte
	Times                    *Place // where its data have times; nil when they have none
	validator                *openapi3.Schema
}

// Contract is the parsed contract.
type Contract struct {
	// Validation is what requests are validated by, in 3.0 semantics: without webhooks, answers, examples and
	// descriptions. Validating against 3.1 compiles the schema anew for each request.
	Validation *openapi3.T
	// Rules are by operation id.
	Rules map[string]Rule
	// EventTypes are sorted by name.
	EventTypes []EventType
	delivered  map[string]map[string]Delivered // by product and its name of the event type
}

// Load returns the contract; it fails when the contract breaks one of its own rules. The contract is read once: all but
// the rules is shared and must not be changed.
func Load() (*Contract, error) {
	c, err := load()
	if err != nil {
		return nil, err
	}
	own := *c
	own.Rules = maps.Clone(c.Rules)
	return &own, nil
}

var load = sync.OnceValues(read)

func read() (*Contract, error) {
	c := &Contract{Rules: map[string]Rule{}}
	if err := c.follow(); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Contract) follow() error {
	tree, err := parse()
	if err != nil {
		return err
	}
	if err := c.readRules(tree); err != nil {
		return err
	}
	if err := c.readDelivered(tree); err != nil {
		return err
	}
	return c.readEventTypes(tree)
}

func parse() (map[string]any, error) {
	var tree map[string]any
	if err := json.Unmarshal(generated.JSON, &tree); err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	return tree, nil
}

var methods = []string{"get", "put", "post", "patch", "delete"}

func (c *Contract) readRules(tree map[string]any) error {
	find, sold := finder{tree: tree, kind: ofEventTypes}, resources(tree)
	for path, item := range object(tree["paths"]) {
		for _, method := range methods {
			op, ok := object(item)[method].(map[string]any)
			if !ok {
				continue
			}
			r := Rule{Method: method, Path: path, Body: op["requestBody"] != nil}
			r.Stream = object(object(object(op["responses"])["200"])["content"])["text/event-stream"] != nil
			required, _ := object(op["requestBody"])["required"].(bool)
			r.OptionalBody = r.Body && !required
			r.OperationID, _ = op["operationId"].(string)
			r.Public, _ = op["x-public"].(bool)
			r.Permission, _ = op["x-permission"].(string)
			r.Entitlement, _ = op["x-entitlement"].(string)
			r.Audit, _ = op["x-audit"].(string)
			r.Immediate, _ = op["x-immediate"].(bool)
			r.Stored, _ = op["x-stored"].(bool)
			r.Stale, _ = op["x-stale"].(bool)
			r.ForTenant, _ = op["x-for-tenant"].(bool)
			r.Resource, r.Names = resourceOf(op, sold), find.names(op, object(item)["parameters"])
			if r.OperationID == "" || r.Public == (r.Permission != "") {
				return fmt.Errorf("contract: %s %s needs an operationId and either x-permission or x-public", method,
					path)
			}
			if r.Stale && method != "get" {
				return fmt.Errorf("contract: %s can't be stale: it is not a read", r.OperationID)
			}
			if r.ForTenant && (r.Permission != Operator || !strings.Contains(path, "{tenant_id}")) {
				return fmt.Errorf("contract: %s can't be for a tenant: it is no operator's, or names none", r.OperationID)
			}
			if err := r.readRoles(op["x-roles"]); err != nil {
				return err
			}
			if err := r.readCredits(op["x-credits"]); err != nil {
				return err
			}
			if err := r.readBodyLimit(op["x-body-limit"]); err != nil {
				return err
			}
			c.Rules[r.OperationID] = r
		}
	}
	return nil
}

// Admits reports whether an operator with the role may call the operation.
func (r Rule) Admits(role principal.OperatorRole) bool { return slices.Contains(r.Roles, role) }

// CheckRole fails with a problem, which names the roles that may, when an operator with the role may not call the
// operation.
func (r Rule) CheckRole(role principal.OperatorRole) error {
	if r.Admits(role) {
		return nil
	}
	may := make([]string, len(r.Roles))
	for i, other := range r.Roles {
		may[i] = strconv.Quote(string(other))
	}
	return problem.New(problem.Forbidden, "An operator with the role %q may not do this. It takes the role %s.", role,
		strings.Join(may, " or "))
}

// readRoles reads x-roles. Operators' operations need it, and no others; admins may call all of them.
func (r *Rule) readRoles(v any) error {
	listed, _ := v.([]any)
	for _, item := range listed {
		text, _ := item.(string)
		role := principal.OperatorRole(text)
		if !slices.Contains(principal.OperatorRoles(), role) || r.Admits(role) {
			return fmt.Errorf("contract: x-roles of %s has %v, which is no role or listed twice", r.OperationID, item)
		}
		r.Roles = append(r.Roles, role)
	}
	if (v != nil) != (r.Permission == Operator) || v != nil && !r.Admits(principal.OperatorAdmin) {
		return fmt.Errorf("contract: %s needs x-roles, with admin among them, if operators may call it, and none "+
			"otherwise", r.OperationID)
	}
	return nil
}

// readCredits reads x-credits. Reads are free, and a price needs a tenant to pay it.
func (r *Rule) readCredits(v any) error {
	if v == nil {
		return nil
	}
	price, ok := whole(v)
	if !ok || price < 0 {
		return fmt.Errorf("contract: x-credits of %s is not a whole number from 0", r.OperationID)
	}
	if price > 0 && r.Immediate {
		return fmt.Errorf("contract: %s can't cost credits: it runs outside of any transaction", r.OperationID)
	}
	if price > 0 && (r.Method == "get" || r.Public || r.Permission == Operator) {
		return fmt.Errorf("contract: %s can't cost credits: reads are free, and only tenants pay", r.OperationID)
	}
	r.Credits = price
	return nil
}

// readBodyLimit reads x-body-limit. Bodies of public operations need one: anybody can send them.
func (r *Rule) readBodyLimit(v any) error {
	limit, ok := whole(v)
	if v != nil && (!ok || limit < 1 || !r.Body) {
		return fmt.Errorf("contract: x-body-limit of %s is not a number of bytes of a body", r.OperationID)
	}
	if v == nil && r.Public && r.Body {
		return fmt.Errorf("contract: %s is public and needs an x-body-limit", r.OperationID)
	}
	r.BodyLimit = limit
	return nil
}

// resources lists the tags of what products sell, which x-resource marks.
func resources(tree map[string]any) []string {
	var out []string
	tags, _ := tree["tags"].([]any)
	for _, tag := range tags {
		if object(tag)["x-resource"] == true {
			name, _ := object(tag)["name"].(string)
			out = append(out, name)
		}
	}
	return out
}

// resourceOf is the resource that an operation or a webhook belongs to by its tag.
func resourceOf(op map[string]any, sold []string) string {
	tags, _ := op["tags"].([]any)
	for _, tag := range tags {
		if name, _ := tag.(string); slices.Contains(sold, name) {
			return name
		}
	}
	return ""
}

// Permissions lists every permission that a key can be given, sorted.
func (c *Contract) Permissions() []string { return c.PermissionsOf(func(string) bool { return true }) }

// PermissionsOf lists the permissions of operations on those resources alone that sells reports, and of what all
// products have; sells is also asked about that, the empty one.
func (c *Contract) PermissionsOf(sells func(resource string) bool) []string {
	var out []string
	for _, r := range c.Rules {
		if !sells(r.Resource) {
			continue
		}
		if r.Permission != "" && r.Permission != Authenticated && r.Permission != Operator {
			out = append(out, r.Permission)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// whole is a number of JSON without a fraction.
func whole(v any) (int64, bool) {
	n, ok := v.(float64)
	return int64(n), ok && n == math.Trunc(n)
}

func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}
