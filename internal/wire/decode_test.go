package wire_test

import (
	"encoding/json"
	"testing"

	"github.com/oapi-codegen/nullable"

	"github.com/hookline/hookline/internal/wire"
)

func TestWholeNumbersAreDecodedInEveryForm(t *testing.T) {
	t.Parallel()
	type all struct {
		N int                    `json:"n"`
		P *int                   `json:"p"`
		L int64                  `json:"l"`
		I int32                  `json:"i"`
		O nullable.Nullable[int] `json:"o"`
		F float64                `json:"f"`
		R json.RawMessage        `json:"r"`
		M map[string]int         `json:"m"`
		S []int                  `json:"s"`
		T string                 `json:"t"`
	}
	for text, want := range map[string]int{"5": 5, "5.0": 5, "5e0": 5, "0.5E1": 5, "-2.50e+1": -25, "1e9": 1e9,
		"-0.0": 0} {
		var v all
		err := wire.Decode([]byte(`{"n":`+text+`,"p":`+text+`,"l":`+text+`,"i":`+text+
			`,"o":`+text+`,"f":`+text+`,"r":`+text+
			`,"m":{"a":`+text+`},"s":[`+text+`],"t":"5.0"}`), &v)
		if err != nil || v.N != want || v.P == nil || *v.P != want || v.L != int64(want) || v.I != int32(want) ||
			v.O.MustGet() != want ||
			v.F != float64(want) || string(v.R) != text || v.M["a"] != want || v.S[0] != want || v.T != "5.0" {
			t.Errorf("%s: got %+v, %v, want %d everywhere", text, v, err, want)
		}
	}
	for _, text := range []string{"5.5", "1e19", "1e400", "1e-1", `"5.0"`, "true"} {
		var v all
		if err := wire.Decode([]byte(`{"n":`+text+`}`), &v); err == nil {
			t.Errorf("%s: got %d, want it refused", text, v.N)
		}
	}
	var v all
	if err := wire.Decode([]byte(`{"n":1.0,"o":null}`), &v); err != nil || !v.O.IsNull() || v.N != 1 {
		t.Errorf("null beside 1.0: got %+v, %v, want null and 1", v, err)
	}
}
