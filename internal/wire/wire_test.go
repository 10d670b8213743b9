package wire

import (
	"encoding/json"
	"strconv"
	"testing"

	"github.com/oapi-codegen/nullable"
	"pgregory.net/rapid"

	"github.com/hookline/hookline/internal/page"
)

type field struct {
	V nullable.Nullable[string] `json:"v"`
}

func TestAnEmptyOptionIsNull(t *testing.T) {
	t.Parallel()
	if raw, err := json.Marshal(field{Null[string](nil)}); err != nil || string(raw) != `{"v":null}` {
		t.Errorf("Null of nil: got %s, %v, want null", raw, err)
	}
	if raw, err := json.Marshal(field{Null(new(""))}); err != nil || string(raw) != `{"v":""}` {
		t.Errorf("Null of an empty text: got %s, %v, want the text", raw, err)
	}
	for _, n := range []nullable.Nullable[string]{nil, nullable.NewNullNullable[string](), Null[string](nil)} {
		if got := Pointer(n); got != nil {
			t.Errorf("Pointer of %v: got %q, want nil", n, *got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.Ptr(rapid.String(), true).Draw(t, "text")
		got := Pointer(Null(want))
		if (got == nil) != (want == nil) || got != nil && *got != *want {
			t.Fatalf("%v instead of %v", got, want)
		}
	})
}

func TestAnEmptyTextIsNothing(t *testing.T) {
	t.Parallel()
	if got := Text(""); got != nil {
		t.Errorf("Text of an empty text: got %q, want nil", *got)
	}
	if got := Text(" "); got == nil || *got != " " {
		t.Errorf("Text of a space: got %v, want it", got)
	}
}

func TestOrReturnsTheDefaultForNilOnly(t *testing.T) {
	t.Parallel()
	if Or(nil, 5) != 5 || Or(new(0), 5) != 0 || Or(new(false), true) {
		t.Error("Or: got the default for a zero value, want the value")
	}
}

func TestAListIsNeverNull(t *testing.T) {
	t.Parallel()
	for _, in := range [][]int{nil, {}} {
		if raw, err := json.Marshal(Map(in, strconv.Itoa)); err != nil || string(raw) != "[]" {
			t.Errorf("Map of nothing: got %s, %v, want []", raw, err)
		}
	}
	if raw, err := json.Marshal(Map([]int{3, 1, 2}, strconv.Itoa)); err != nil || string(raw) != `["3","1","2"]` {
		t.Errorf("Map: got %s, %v, want the texts in order", raw, err)
	}
}

func TestAPageIsDescribedAsTheContractSays(t *testing.T) {
	t.Parallel()
	raw, err := json.Marshal(PageMeta(page.Page{Number: 3, Size: 10}, 1<<40))
	if err != nil || string(raw) != `{"page":3,"per_page":10,"total":1099511627776}` {
		t.Errorf("PageMeta: got %s, %v, want page 3 of 10 with the total", raw, err)
	}
}
