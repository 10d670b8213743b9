package config

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"
)

const prefix = "HOOKLINE_"

// others are variables of ours that are no settings of the program: of the commands for integrators, and of samples.
var others = []string{"HOOKLINE_URL", "HOOKLINE_API_KEY", "HOOKLINE_ADMIN_KEY", "HOOKLINE_BACKEND_KEY",
	"HOOKLINE_WEBHOOK_SECRET", "HOOKLINE_INBOX_URL", "HOOKLINE_SCREENSHOTS"}

// serviceLink matches the variables that Kubernetes adds to every container for a Service whose name begins with
// hookline.
var serviceLink = regexp.MustCompile(`_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_\d+_(TCP|UDP|SCTP)(_[A-Z]+)?)?)$`)

// Unknown lists the variables that begin with HOOKLINE_ and that nobody reads, sorted.
func Unknown() []string { return unknown(env.ToMap(os.Environ())) }

func unknown(variables map[string]string) []string {
	known := names()
	var out []string
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		if strings.HasPrefix(name, prefix) && !strings.HasPrefix(name, prefix+"TEST_") &&
			!serviceLink.MatchString(name) && !slices.Contains(known, name) && !slices.Contains(others, name) {
			out = append(out, name)
		}
	}
	return out
}

// names lists the variables of all settings.
func names() []string {
	var out []string
	for _, f := range Fields() {
		if out = append(out, f.Name); f.Secret {
			out = append(out, f.Name+FileSuffix)
		}
	}
	return out
}

// checkUnknown refuses a variable that is likely a misspelt setting: without it, the program would run with another
// value than was meant. Others may be settings of a newer version beside this one; they are logged.
func checkUnknown(variables map[string]string) error {
	for _, name := range unknown(variables) {
		if near := Nearest(name, names()); near != "" {
			return bad("%s is set, and there is no such setting. Did you mean %s? All settings: hookline serve --help",
				name, near)
		}
	}
	return nil
}

// Nearest returns which of the known names was probably meant; empty when none differs by at most two letters.
func Nearest(name string, known []string) string {
	best, distance := "", 3
	for _, k := range known {
		if d := editDistance(name, k); d < distance {
			best, distance = k, d
		}
	}
	return best
}

// editDistance counts the letters to insert, delete or replace.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
