package contract

import (
	"bytes"
	"encoding/json"
	"testing"

	"go.yaml.in/yaml/v3"

	generated "github.com/hookline/hookline/gen/contract"
	"github.com/hookline/hookline/openapi"
)

func TestTheProgramReadsTheContractAsItIsWritten(t *testing.T) {
	t.Parallel()
	var tree map[string]any
	if err := yaml.Unmarshal(openapi.YAML, &tree); err != nil {
		t.Fatal(err)
	}
	want, err := json.MarshalIndent(tree, "", "")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(bytes.TrimSpace(generated.JSON), want) {
		t.Error("gen/contract: got something else than openapi/openapi.yaml, want the same: run make generate")
	}
}
