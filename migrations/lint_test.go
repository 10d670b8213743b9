package migrations_test

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hookline/hookline/migrations"
)

// A rule finds a statement that stops requests, or that the version before this one can't live with. CONTRIBUTING.md,
// "Two versions side by side", says what to write instead.
type rule struct {
	name    string
	found   *regexp.Regexp
	unless  *regexp.Regexp // in the same statement
	removes bool           // allowed in a migration that writes schema_needs
}

func match(pattern string) *regexp.Regexp { return regexp.MustCompile(`(?is)` + pattern) }

var rules = []rule{
	{"CREATE INDEX without CONCURRENTLY blocks writes", match(`^create\s+(unique\s+)?index\b`),
		match(`\bconcurrently\b|\bon\s+only\b`), false},
	{"DROP INDEX without CONCURRENTLY blocks requests", match(`^drop\s+index\b`), match(`\bconcurrently\b`), false},
	{"an index without IF NOT EXISTS can't be built again after an interruption", match(`\bindex\s+concurrently\b`),
		match(`\bif\s+(not\s+)?exists\b`), false},
	{"ALTER COLUMN … TYPE rewrites the table: add a column", match(`\balter\s+(column\s+)?\w+\s+(set\s+data\s+)?type\b`),
		nil, false},
	{"ADD CONSTRAINT reads the whole table under a lock: NOT VALID, then VALIDATE", match(`\badd\s+constraint\b`),
		match(`\bnot\s+valid\b|\busing\s+index\b`), false},
	{"a column that is NOT NULL without a default breaks the inserts of the version before",
		match(`\badd\s+(column\s+)?(if\s+not\s+exists\s+)?\w+\s+[^,;]*\bnot\s+null\b`), match(`\bdefault\b`), false},
	{"UPDATE and DELETE of many rows belong into a job, in steps", match(`^(update|delete)\b`), match(`\bsettings\b`),
		false},
	{"LOCK, CLUSTER, VACUUM FULL and REINDEX stop requests", match(`^(lock|cluster|vacuum|reindex)\b`),
		match(`\bconcurrently\b`), false},
	{"SET NOT NULL breaks inserts of a version that leaves the column out", match(`\bset\s+not\s+null\b`), nil, true},
	{"what is dropped is used by the version before",
		match(`^drop\s+(table|type|function|view)\b|\bdrop\s+(column|constraint|default)\b`), nil, true},
	{"what is renamed is used by the version before", match(`\brename\b`), nil, true},
}

var (
	comment = regexp.MustCompile(`--[^\n]*`)
	needs   = match(`^insert\s+into\s+settings\b.*'schema_needs'`)
	version = regexp.MustCompile(`^\d+`)
)

// upward is the statements of a migration's way up.
func upward(text string) []string {
	up, _, _ := strings.Cut(text, "-- +goose Down")
	var out []string
	for s := range strings.SplitSeq(comment.ReplaceAllString(up, ""), ";") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// faults lists what a migration must not do.
func faults(name, text string) []string {
	statements := upward(text)
	contracts := slices.ContainsFunc(statements, needs.MatchString)
	var out []string
	made := []string{}
	for _, s := range statements {
		if m := match(`^create\s+table\s+(if\s+not\s+exists\s+)?(\w+)`).FindStringSubmatch(s); m != nil {
			made = append(made, m[2])
			continue
		}
		onNew := slices.ContainsFunc(made, func(table string) bool {
			return match(`\b(on|table)\s+` + table + `\b`).MatchString(s)
		})
		for _, r := range rules {
			if !r.found.MatchString(s) || (r.unless != nil && r.unless.MatchString(s)) || onNew ||
				(r.removes && contracts) {
				continue
			}
			out = append(out, fmt.Sprintf("%s: %s", name, r.name))
		}
		if match(`\bset\s+not\s+null\b`).MatchString(s) && !match(`\bvalidate\s+constraint\b`).MatchString(text) {
			out = append(out, name+": SET NOT NULL reads the whole table unless a CHECK was validated before")
		}
	}
	concurrent := match(`\bconcurrently\b`).MatchString(strings.Join(statements, ";"))
	alone := strings.Contains(text, "-- +goose NO TRANSACTION")
	if concurrent != alone || (alone && len(statements) > 1) {
		out = append(out, name+": CONCURRENTLY needs NO TRANSACTION, and is the only statement of its migration")
	}
	return out
}

func TestMigrationsAfterTheFirstStopNobodyAndKeepWhatTheVersionBeforeUses(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"postgres", "sqlite"} {
		names, err := fs.Glob(migrations.FS, engine+"/*.sql")
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: got %v, %v, want migrations", engine, names, err)
		}
		for i, name := range names {
			if number := version.FindString(path.Base(name)); number != fmt.Sprintf("%05d", i+1) {
				t.Errorf("%s: got number %s, want %05d: no number is left out or used twice", name, number, i+1)
			}
			text, err := fs.ReadFile(migrations.FS, name)
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 || engine == "sqlite" { // which has one process, and no CONCURRENTLY
				continue
			}
			for _, fault := range faults(name, string(text)) {
				t.Error(fault)
			}
		}
	}
}

func TestDangerousStatementsAreFound(t *testing.T) {
	t.Parallel()
	const contract = "INSERT INTO settings (name, value) VALUES ('schema_needs', '2') ON CONFLICT (name) DO NOTHING;\n"
	for text, want := range map[string]string{
		"ALTER TABLE leads ADD COLUMN a text;":                                                 "",
		"ALTER TABLE leads ADD COLUMN a text NOT NULL DEFAULT '';":                             "",
		"CREATE TABLE a (id uuid NOT NULL); CREATE INDEX b ON a (id);":                         "",
		"-- +goose NO TRANSACTION\nCREATE INDEX CONCURRENTLY IF NOT EXISTS b ON leads (name);": "",
		"CREATE INDEX CONCURRENTLY IF NOT EXISTS b ON leads (name);":                           "NO TRANSACTION",
		"-- +goose NO TRANSACTION\nCREATE INDEX CONCURRENTLY b ON leads (name);":               "IF NOT EXISTS",
		"CREATE UNIQUE INDEX b ON leads (name);":                                               "blocks writes",
		"ALTER TABLE leads ADD a text NOT NULL;":                                               "breaks the inserts",
		"ALTER TABLE leads ALTER COLUMN score TYPE bigint;":                                    "rewrites",
		"ALTER TABLE leads ALTER name SET NOT NULL;":                                           "SET NOT NULL",
		contract + "ALTER TABLE leads ALTER name SET NOT NULL;":                                "CHECK was validated",
		"ALTER TABLE leads DROP COLUMN name;":                                                  "dropped",
		contract + "ALTER TABLE leads DROP COLUMN name;":                                       "",
		"ALTER TABLE leads RENAME name TO label;":                                              "renamed",
		"ALTER TABLE leads ADD CONSTRAINT c CHECK (score > 0);":                                "NOT VALID",
		"ALTER TABLE leads ADD CONSTRAINT c CHECK (score > 0) NOT VALID;":                      "",
		"UPDATE leads SET name = '';":                                                          "job",
		"LOCK TABLE leads;":                                                                    "stop requests",
	} {
		got := strings.Join(faults("00002_x.sql", "-- +goose Up\n"+text+"\n-- +goose Down\nDROP TABLE leads;"), "\n")
		if (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}
