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

func TestNothingIsWrittenAsNullAndReadBackAsNothing(t *testing.T) {
	t.Parallel()
	if raw, err := json.Marshal(field{Null[string](nil)}); err != nil || string(raw) != `{"v":null}` {
		t.Errorf("%s, %v", raw, err)
	}
	if raw, err := json.Marshal(field{Null(new(""))}); err != nil || string(raw) != `{"v":""}` {
		t.Errorf("an empty text is a value: %s, %v", raw, err)
	}
	for _, n := range []nullable.Nullable[string]{nil, nullable.NewNullNullable[string](), Null[string](nil)} {
		if got := Pointer(n); got != nil {
			t.Errorf("%v is read as %q", n, *got)
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
		t.Errorf("%q", *got)
	}
	if got := Text(" "); got == nil || *got != " " {
		t.Errorf("%v", got)
	}
}

func TestOrTakesTheOtherOnlyWhenThereIsNoValue(t *testing.T) {
	t.Parallel()
	if Or(nil, 5) != 5 || Or(new(0), 5) != 0 || Or(new(false), true) {
		t.Error("a zero value is a value")
	}
}

func TestAListIsNeverNull(t *testing.T) {
	t.Parallel()
	for _, in := range [][]int{nil, {}} {
		if raw, err := json.Marshal(Map(in, strconv.Itoa)); err != nil || string(raw) != "[]" {
			t.Errorf("%s, %v", raw, err)
		}
	}
	if raw, err := json.Marshal(Map([]int{3, 1, 2}, strconv.Itoa)); err != nil || string(raw) != `["3","1","2"]` {
		t.Errorf("%s, %v", raw, err)
	}
}

func TestAPageIsDescribedAsTheContractSays(t *testing.T) {
	t.Parallel()
	raw, err := json.Marshal(PageMeta(page.Page{Number: 3, Size: 10}, 1<<40))
	if err != nil || string(raw) != `{"page":3,"per_page":10,"total":1099511627776}` {
		t.Errorf("%s, %v", raw, err)
	}
}
