package app

import (
	"strings"
	"testing"

	"github.com/hookline/hookline/internal/db"
)

func TestASchemaThatThisVersionCantUseIsRefusedInOneSentence(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		schema db.Schema
		says   string
	}{
		"the same":                {db.Schema{Known: 3, Applied: 3, Needs: 2}, ""},
		"newer, and usable":       {db.Schema{Known: 3, Applied: 5, Needs: 3}, ""},
		"newer, and not usable":   {db.Schema{Known: 3, Applied: 5, Needs: 4}, "too new for this version"},
		"behind":                  {db.Schema{Known: 3, Applied: 1, Pending: 2}, "behind by 2 migrations"},
		"behind, and half-way":    {db.Schema{Known: 3, Applied: 2, Pending: 1, Unfinished: []string{"i"}}, "interrupted"},
		"behind, without a table": {db.Schema{Known: 3, Pending: 3}, "hookline migrate up"},
	} {
		says := ""
		if err := fitting(tt.schema); err != nil {
			says = err.Error()
		}
		if (says == "") != (tt.says == "") || !strings.Contains(says, tt.says) || strings.Contains(says, "\n") {
			t.Errorf("%s: got %q, want %q", name, says, tt.says)
		}
	}
}
