package queue

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/hookline/hookline/internal/loglimit"
)

// aboutRedis limits messages about Redis: while it is away each server, delivery and batch fails by itself, many times
// a second.
var aboutRedis = loglimit.New(time.Now)

// Warn logs a failure of the queue, at most once a second for each message. The message must be constant.
func Warn(message string, args ...any) {
	aboutRedis.Log(context.Background(), slog.LevelWarn, message, message, args...)
}

// logger writes Asynq's messages to the program's log.
type logger struct{}

func (logger) Debug(args ...any) { slog.Debug("asynq", "message", fmt.Sprint(args...)) }
func (logger) Info(args ...any)  { slog.Info("asynq", "message", fmt.Sprint(args...)) }
func (logger) Warn(args ...any)  { ofAsynq(aboutRedis, slog.LevelWarn, fmt.Sprint(args...)) }
func (logger) Error(args ...any) { ofAsynq(aboutRedis, slog.LevelError, fmt.Sprint(args...)) }
func (logger) Fatal(args ...any) { ofAsynq(aboutRedis, slog.LevelError, fmt.Sprint(args...)) }

// ofAsynq logs a message of Asynq. Its kind is its first words: the ids and addresses that follow are unlimited.
func ofAsynq(l *loglimit.Log, level slog.Level, message string) {
	if strings.HasPrefix(message, "recovering from panic") { // a fault of a task, not of Redis
		slog.Log(context.Background(), level, "asynq", "message", message)
		return
	}
	words := strings.Fields(message)
	l.Log(context.Background(), level, "asynq "+strings.Join(words[:min(len(words), 3)], " "), "asynq", "message",
		message)
}
