package main_test

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/testkit"
)

// TestWhatAFreshDemoHasFitsTheContract reads all that hookline dev made at its first start, and what a first lead
// leads to: lists, and each of their entries. The client holds every response to the contract.
func TestWhatAFreshDemoHasFitsTheContract(t *testing.T) {
	t.Parallel()
	d := runDev(t, filepath.Join(t.TempDir(), "data"))
	tenant, operator := d.client(*d.APIKey), d.client(*d.OperatorKey)
	tenant.NewLead(t, "ada@example.com")
	d.AwaitOutput(t, d.Stderr, "→ Inbox  200")
	var reads []contract.Rule
	for _, rule := range testkit.Contract().Rules {
		if rule.Method == "get" && !rule.Stream {
			reads = append(reads, rule)
		}
	}
	slices.SortFunc(reads, func(a, b contract.Rule) int { return len(a.Path) - len(b.Path) }) // lists before entries
	parameter, ids, read := regexp.MustCompile(`\{\w+\}`), map[string][]string{}, map[string]int{}
	for _, rule := range reads {
		caller := tenant
		if rule.Permission == contract.Operator {
			caller = operator
		}
		paths := []string{rule.Path}
		if at := parameter.FindStringIndex(rule.Path); at != nil {
			paths = nil
			for _, id := range ids[rule.Path[:at[0]]] {
				if path := rule.Path[:at[0]] + id + rule.Path[at[1]:]; !parameter.MatchString(path) {
					paths = append(paths, path)
				}
			}
		}
		for _, path := range paths {
			a := caller.Call(t, http.MethodGet, path, nil)
			if a.Status >= http.StatusInternalServerError {
				t.Errorf("%s: got %d %s, want a response", path, a.Status, a.Body)
			}
			read[rule.OperationID]++
			ids[path+"/"] = listed(a.Body)
			if rule.OperationID == "listDeliveries" { // its entries are at an address of their own
				ids["/api/v1/deliveries/"] = listed(a.Body)
			}
		}
	}
	for _, operation := range []string{"listWebhooks", "getWebhook", "getKey", "getLead", "getDelivery", "getEvent",
		"getEventType", "getTenant", "getOperatorKey"} {
		if read[operation] == 0 {
			t.Errorf("%s: got it never called, want an entry of the demo read", operation)
		}
	}
}

// listed returns the ids of a list's entries, or the names of event types.
func listed(body []byte) (ids []string) {
	var list struct {
		Data []struct{ ID, Type string }
	}
	if json.Unmarshal(body, &list) != nil {
		return nil
	}
	for _, entry := range list.Data {
		if id := entry.ID; id != "" {
			ids = append(ids, id)
		} else if strings.Contains(entry.Type, ".") {
			ids = append(ids, entry.Type)
		}
	}
	return ids
}
