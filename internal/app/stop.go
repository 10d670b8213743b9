package app

import (
	"context"

	"github.com/hookline/hookline/internal/config"
)

// ExplainStop replaces the error of a start that a signal interrupted: what was under way then failed because of the
// signal, and its error would blame a setting. command is how to start again.
func ExplainStop(ctx context.Context, command string, err error) error {
	if err == nil || ctx.Err() == nil {
		return err
	}
	return &config.Error{Text: "Stopped by a signal before it was ready. Start it again: " + command}
}
