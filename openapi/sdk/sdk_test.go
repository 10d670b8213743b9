package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hookline/hookline/internal/contract"
)

// small is a contract with what the generator has to tell apart.
const small = `
info: { version: 1.2.3 }
paths:
  /api/v1/things:
    get:
      operationId: listThings
      summary: List things
      x-permission: read:things
      parameters:
        - { name: page, in: query, schema: { type: integer, minimum: 1 } }
        - { name: least, in: query, schema: { type: integer, minimum: 0 } }
        - { name: from, in: query, schema: { type: string, format: date-time } }
        - { name: own, in: query, schema: { type: boolean } }
        - { name: kind, in: query, schema: { $ref: "#/components/schemas/Kind" } }
        - { name: sort, in: query, schema: { type: string, enum: [a, -a] } }
      responses:
        "200": { content: { application/json: { schema: { $ref: "#/components/schemas/ThingList" } } } }
    post:
      operationId: createThing
      parameters: [{ $ref: "#/components/parameters/IdempotencyKey" }]
      requestBody: { required: true, content: { application/json: { schema: { $ref: "#/components/schemas/ThingCreate" } } } }
      responses:
        "201": { content: { application/json: { schema: { $ref: "#/components/schemas/Thing" } } } }
        "400": { content: { application/json: { schema: { type: object } } } }
  /api/v1/things/{thing_id}/parts/{type}:
    parameters:
      - { name: type, in: path, schema: { type: string } }
      - { name: thing_id, in: path, schema: { type: string } }
    patch:
      operationId: updatePart
      requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/PartUpdate" } } } }
      responses:
        "200": { content: { application/json: { schema: { $ref: "#/components/schemas/Thing" } } } }
        "202": { content: { application/json: { schema: { $ref: "#/components/schemas/Work" } } } }
    delete: { operationId: removePart, responses: { "204": { description: Gone. } } }
  /api/v1/log:
    get:
      operationId: listLog
      parameters: [{ name: cursor, in: query, schema: { type: string } }]
      responses:
        "200": { content: { application/json: { schema: { $ref: "#/components/schemas/ThingList" } } } }
  /api/v1/export:
    get: { operationId: exportThings, responses: { "200": { content: { text/csv: { schema: { type: string } } } } } }
  /api/v1/stream:
    get: { operationId: streamThings, responses: { "200": { content: { text/event-stream: { schema: {} } } } } }
  /api/v1/open:
    get: { operationId: openThings, x-public: true, responses: { "204": {} } }
components:
  parameters:
    IdempotencyKey: { name: Idempotency-Key, in: header, schema: { type: string } }
  schemas:
    Kind: { type: string, enum: [big.one, small] }
    Thing:
      type: object
      description: "A thing. <!--for x-->Only for x.<!--/for-->"
      required: [id, owner, data]
      properties:
        id: { type: string }
        owner: { type: [string, "null"], description: Null if nobody. }
        made_at: { type: string, format: date-time }
        data: { type: object, additionalProperties: true }
        inner: { type: object, properties: { mode: { type: string, enum: [on, off] } } }
        labels: { type: object, additionalProperties: { type: [string, "null"] } }
    ThingList:
      type: object
      required: [data]
      properties: { data: { type: array, items: { $ref: "#/components/schemas/Thing" } } }
    ThingCreate:
      type: object
      properties:
        owner: { type: [string, "null"] }
        data: { type: object, additionalProperties: true }
        others: { type: array, items: { type: object, additionalProperties: true, x-like: [Thing] } }
    PartUpdate:
      type: object
      properties: { owner: { type: [string, "null"] }, kind: { $ref: "#/components/schemas/Kind" } }
    Work: { type: object, properties: { id: { type: string } } }
    ThingCreatedEvent:
      type: object
      description: A thing was made.
      properties: { type: { type: string, enum: [thing.created] }, data: { $ref: "#/components/schemas/Thing" } }
    HooklineEvent: { oneOf: [{ $ref: "#/components/schemas/ThingCreatedEvent" }] }
`

func smallModel(t *testing.T) *model {
	t.Helper()
	d, err := parse([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	m, err := newModel(d)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMethods(t *testing.T) {
	t.Parallel()
	m := smallModel(t)
	got := map[string]*method{}
	for _, o := range m.Methods {
		got[o.ID] = o
	}
	if len(got) != 6 || got["streamThings"] != nil || got["openThings"] != nil {
		t.Errorf("methods: got %d, want 6, without streams and what is public", len(got))
	}
	for id, want := range map[string]struct {
		paging      paging
		idempotency bool
		results     int
		text        bool
		arguments   string
		returns     string
	}{
		"listThings": {pagingPage, false, 1, false,
			"ctx context.Context, params ListThingsParams, options ...CallOption", "(*ThingList, error)"},
		"listLog": {pagingCursor, false, 1, false,
			"ctx context.Context, params ListLogParams, options ...CallOption", "(*ThingList, error)"},
		"createThing": {pagingNone, true, 1, false, "ctx context.Context, body ThingCreate, options ...CallOption",
			"(*Thing, error)"},
		"updatePart": {pagingNone, false, 2, false,
			"ctx context.Context, thingID string, typeName string, body *PartUpdate, options ...CallOption",
			"(*ThingOrWork, error)"},
		"removePart": {pagingNone, false, 0, false,
			"ctx context.Context, thingID string, typeName string, options ...CallOption", "error"},
		"exportThings": {pagingNone, false, 0, true, "ctx context.Context, options ...CallOption", "([]byte, error)"},
	} {
		o := got[id]
		if o.Paging != want.paging || o.Idempotency != want.idempotency || len(o.Results) != want.results ||
			o.Text != want.text {
			t.Errorf("%s: got %+v, want %+v", id, o, want)
		}
		if a, r := (golang{m}).arguments(o), (golang{m}).returns(o); a != want.arguments || r != want.returns {
			t.Errorf("%s in Go: got (%s) %s, want (%s) %s", id, a, r, want.arguments, want.returns)
		}
	}
	if doc := got["listThings"].Doc; doc != "List things. Needs the permission `read:things`." {
		t.Errorf("doc: got %q", doc)
	}
}

func TestFieldsInGo(t *testing.T) {
	t.Parallel()
	m := smallModel(t)
	for name, want := range map[string][]string{
		"Thing": {"ID string `json:\"id\"`", "Owner *string `json:\"owner\"`",
			"MadeAt *time.Time `json:\"made_at,omitempty\"`",
			"Data json.RawMessage `json:\"data\"`", "Inner *ThingInner `json:\"inner,omitempty\"`",
			"Labels map[string]*string `json:\"labels,omitzero\"`"},
		"ThingInner": {"Mode *ThingInnerMode `json:\"mode,omitempty\"`"},
		"ThingCreate": {"Owner *string `json:\"owner,omitempty\"`", "Data any `json:\"data,omitzero\"`",
			"Others []Thing `json:\"others,omitzero\"`"},
		"PartUpdate": {"Owner Nullable[string] `json:\"owner,omitzero\"`", "Kind *Kind `json:\"kind,omitempty\"`"},
	} {
		var got []string
		for _, f := range m.types[name].Fields {
			got = append(got, golang{m}.field(m.types[name], f))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	var got []string
	for _, p := range m.Methods[0].Query {
		got = append(got, p.Name+" "+golang{m}.param(p))
	}
	if want := "page int64, least *int64, from time.Time, own *bool, kind Kind, sort string"; strings.Join(got,
		", ") != want {
		t.Errorf("parameters: got %v, want %s", got, want)
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	m := smallModel(t)
	if len(m.Events) != 1 || m.Events[0].Type != "thing.created" || m.Events[0].Data.Name != "Thing" {
		t.Errorf("events: got %+v, want thing.created with a Thing", m.Events)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"next_cursor": "NextCursor", "webhook_id": "WebhookID", "ids": "IDs",
		"allowed_cidrs": "AllowedCIDRs", "lead.created": "LeadCreated", "-created_at": "CreatedAt", "2xx": "2xx"} {
		if got := camel(name); got != want {
			t.Errorf("camel(%q): got %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{"lead_id": "leadID", "type": "typeName", "email": "email"} {
		if got := lower(name); got != want {
			t.Errorf("lower(%q): got %q, want %q", name, got, want)
		}
	}
	if got := plain("A <!--for x-->B<!--/for--> C\nD"); got != "A B C D" {
		t.Errorf("plain: got %q, want it without marks", got)
	}
}

// Where the contract has what the generator does not know, it says so and does not write wrong code.
func TestWhatIsUnknownIsAnError(t *testing.T) {
	t.Parallel()
	for name, change := range map[string][2]string{
		"two types": {`owner: { type: [string, "null"] }`, `owner: { type: [string, integer] }`},
		"allOf": {`made_at: { type: string, format: date-time }`,
			`made_at: { allOf: [{ type: string }] }`},
		"a missing schema": {"schemas/Work", "schemas/None"},
		"a body of no JSON": {"content: { application/json: { schema: { $ref: \"#/components/schemas/ThingCreate",
			"content: { text/plain: { schema: { $ref: \"#/components/schemas/ThingCreate"},
		"no union of events": {"HooklineEvent:", "OtherEvent:"},
	} {
		d, err := parse([]byte(strings.Replace(small, change[0], change[1], 1)))
		if err == nil {
			_, err = newModel(d)
		}
		if err == nil {
			t.Errorf("%s: got no error, want one", name)
		}
	}
}

// Every published operation has a method, but for streams and what is public.
func TestTheContractIsCovered(t *testing.T) {
	t.Parallel()
	c, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	published, err := c.Publish(contract.Edition{Name: "everything"})
	if err != nil {
		t.Fatal(err)
	}
	code, err := os.ReadFile(filepath.Join("..", "..", "pkg", "client", "methods.gen.go"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := parse(published.YAML.Plain)
	if err != nil {
		t.Fatal(err)
	}
	without := []string{"streamDeliveries", "streamListener", "reportLeakedKeys", "getContractJSON", "getContractYAML"}
	for _, item := range d.Paths {
		for _, o := range []*operation{item.Value.Get, item.Value.Put, item.Value.Post, item.Value.Patch,
			item.Value.Delete} {
			if o == nil {
				continue
			}
			has := strings.Contains(string(code), ") "+title(o.OperationID)+"(")
			if has == slices.Contains(without, o.OperationID) {
				t.Errorf("%s: got a method: %t", o.OperationID, has)
			}
		}
	}
}

func TestMethodsInPythonAndTypeScript(t *testing.T) {
	t.Parallel()
	m := smallModel(t)
	for _, o := range m.Methods {
		want := map[string][4]string{
			"listThings": {"List[t.ThingList, t.Thing]", `query={"page": page, "least": least, "from": from_,`,
				"List<ThingList, Thing>", "new List((query) => this.request({ method: 'GET', path: '/api/v1/things'"},
			"createThing": {"t.Thing", "keyed=True, idempotency_key=idempotency_key", "Promise<Thing>",
				"body, keyed: true"},
			"updatePart": {"Union[t.Thing, t.Work]", `path("/api/v1/things/{thing_id}/parts/{type}", thing_id, type)`,
				"Promise<Thing | Work>", "${inPath('thingID', thingID)}/parts/${inPath('typeName', typeName)}"},
			"removePart":   {"None", `self._request("DELETE"`, "Promise<void>", "method: 'DELETE'"},
			"exportThings": {"str", "text=True", "Promise<string>", "text: true"},
		}[o.ID]
		got := [4]string{python{}.returns(o), python{}.call(o), tsReturns(o), tsCall(o)}
		for i := range want {
			if !strings.Contains(got[i], want[i]) {
				t.Errorf("%s: got %s, want %s", o.ID, got[i], want[i])
			}
		}
	}
	if got, want := tsSignature(m.Methods[2]),
		"thingID: string, typeName: string, body?: PartUpdate"; !strings.HasPrefix(got,
		want) {
		t.Errorf("updatePart: got %s, want %s", got, want)
	}
}

func TestTypesInPython(t *testing.T) {
	t.Parallel()
	m := smallModel(t)
	want := `class _Thing(TypedDict):
    id: str
    owner: Optional[str]
    """Null if nobody."""
    data: Dict[str, Any]


class Thing(_Thing, total=False):
    """A thing. Only for x."""

    made_at: str
    inner: ThingInner
    labels: Dict[str, Optional[str]]
`
	if got := (python{}).dict(m.types["Thing"]); got != want {
		t.Errorf("Thing: got\n%s\nwant\n%s", got, want)
	}
	// A key that is a word of the language can't be written as a field.
	reserved := &namedType{Name: "Span", Fields: []field{{Name: "from", Of: &shape{Kind: kindTime}}}}
	want = `_SpanFields = TypedDict(
    "_SpanFields",
    {
        "from": "str",
    },
    total=False,
)


class Span(_SpanFields, total=False):
    pass
`
	if got := (python{}).dict(reserved); got != want {
		t.Errorf("Span: got\n%s\nwant\n%s", got, want)
	}
	for id, want := range map[string]string{"createLead": "create_lead", "from": "from_",
		"getContractJSON": "get_contract_json"} {
		if got := snake(id); got != want {
			t.Errorf("snake(%q): got %q, want %q", id, got, want)
		}
	}
}
