package db_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/hookline/hookline/internal/testkit/engine"
)

// alerts are the names that the alert rules have; each links to its recipe.
var alerts = []string{"HooklineDown", "HooklineNotReady", "HooklineAPIErrors", "HooklineAPISlow",
	"HooklineDeliveriesOverdue", "HooklineQueueLatencyHigh", "HooklineNoWorker", "HooklineDeadLettersRising",
	"HooklineAttemptsFailing", "HooklineDatabasePoolExhausted", "HooklineRedisUnavailable", "HooklineRedisSlow",
	"HooklineReconcilerBehind", "HooklineRetentionBehind", "HooklineEgressProxyFailing", "HooklineTracesDropped",
	"HooklineMemoryHigh"}

var statement = regexp.MustCompile("(?s)psql -c \"(.*?)\"|`(SELECT .*?)`")

func TestTheRunbookHasARecipeForEachAlertAndItsStatementsRun(t *testing.T) {
	t.Parallel()
	d := open(t, engine.Servers)
	raw, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range alerts {
		if _, recipe, found := strings.Cut(string(raw), "\n### "+name+"\n"); !found ||
			!strings.Contains(recipe, "**Do**") || !strings.Contains(recipe, "**Escalate**") {
			t.Errorf("%s: got no recipe, want a heading with what to do and when to escalate", name)
		}
	}
	all := statement.FindAllStringSubmatch(string(raw), -1)
	for _, m := range all {
		sql := strings.TrimSpace(m[1] + m[2])
		if strings.Contains(sql, "pg_terminate_backend") {
			continue
		}
		var rows []map[string]any
		if err := d.Read(t.Context()).Raw(sql).Scan(&rows).Error; err != nil {
			t.Errorf("%s: got %v, want it to run", sql, err)
		}
	}
	if len(all) < 10 {
		t.Errorf("statements: got %d, want at least 10", len(all))
	}
}
