package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// tenantCondition is SQL that compares a tenant with a parameter, instead of db.Scope or db.Tenant.
var tenantCondition = regexp.MustCompile(`(?i)\btenant_id"?\s*(=|IN\b)\s*\(?\s*(\?|\$\d)`)

// ownConditions are the files that may have such conditions, with how many and why.
var ownConditions = map[string]struct {
	count int
	why   string
}{
	"internal/alert/raise.go":             {1, "ends operators' alerts on the same subject, too"},
	"internal/credit/store.go":            {1, "an UPDATE with a condition on the new balance, and RETURNING"},
	"internal/idempotency/idempotency.go": {1, "keys of operators have no tenant"},
}

func TestStoresNameTheTenantThroughDBScope(t *testing.T) {
	t.Parallel()
	const root = "../.."
	found := map[string]int{}
	for _, top := range []string{"internal", "cmd"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(path string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			name, err := filepath.Rel(root, path)
			if err != nil || strings.HasPrefix(name, "internal/db/") {
				return err
			}
			if n := tenantConditions(t, path); n > 0 {
				found[name] = n
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, n := range found {
		if want := ownConditions[name].count; n != want {
			t.Errorf("%s: got %d conditions on tenant_id, want %d: begin the query with db.Scope or db.Tenant", name, n,
				want)
		}
	}
	for name := range ownConditions {
		if found[name] == 0 {
			t.Errorf("%s has no condition on tenant_id, want it removed from ownConditions", name)
		}
	}
}

// tenantConditions counts the string literals of a file that have a condition on a tenant.
func tenantConditions(t *testing.T, path string) int {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	ast.Inspect(file, func(node ast.Node) bool {
		if literal, ok := node.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			if text, err := strconv.Unquote(literal.Value); err == nil && tenantCondition.MatchString(text) {
				n++
			}
		}
		return true
	})
	return n
}
