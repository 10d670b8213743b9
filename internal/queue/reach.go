package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// seeds are the servers that a URL names: one Redis, the Sentinels of a master, or nodes of a Cluster.
type seeds struct {
	master  string // whose Sentinels they are; else empty
	cluster bool
	addrs   []string
}

// silent says of the servers that they did not answer.
func (s seeds) silent() string {
	all := strings.Join(s.addrs, ", ")
	switch {
	case s.cluster && len(s.addrs) > 1:
		return fmt.Sprintf("None of the nodes %s of the Redis Cluster responds", all)
	case s.cluster:
		return fmt.Sprintf("The node %s of the Redis Cluster does not respond", all)
	case len(s.addrs) > 1:
		return fmt.Sprintf("None of the Redis Sentinels %s names a server for the master %q", all, s.master)
	case s.master != "":
		return fmt.Sprintf("The Redis Sentinel %s names no server for the master %q", all, s.master)
	}
	return fmt.Sprintf("Redis at %s does not respond", all)
}

// masterAway says that Sentinels answered, and the server that they named did not.
func (s seeds) masterAway() string {
	return fmt.Sprintf("The Redis server that the Sentinels %s name for the master %q does not respond",
		strings.Join(s.addrs, ", "), s.master)
}

// noSentinel is how the library's error begins when no Sentinel named a server of the master.
const noSentinel = "redis: all sentinels specified in configuration are unreachable: "

// Reach fails when Redis does not respond. Its error is for operators: a sentence without its full stop that names all
// servers of the URL and what came of asking them.
func (r *Redis) Reach(ctx context.Context) error {
	err := r.Alive(ctx)
	if err == nil || r.embedded != nil {
		return err
	}
	if ctx.Err() != nil {
		return errors.New(r.seeds.silent() + ": it took too long")
	}
	text, unnamed := strings.CutPrefix(err.Error(), noSentinel)
	if r.seeds.master != "" && !unnamed {
		return errors.New(r.seeds.masterAway() + ": " + oneLine(text))
	}
	return errors.New(r.seeds.silent() + ": " + oneLine(text))
}

// oneLine joins the different lines of an error of several servers.
func oneLine(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(strings.TrimSpace(line), ".")
		if line == "redis: nil" { // a Sentinel that does not know the name
			line = "no master of this name is known"
		}
		if line != "" && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "; ")
}
