// Package migrations holds the schema of both engines as goose migrations. The two folders say the same thing, each
// in its engine's words; a change goes into both. Until the first release, it goes into 00001.
package migrations

import "embed"

// FS has the folders postgres and sqlite.
//
//go:embed postgres/*.sql sqlite/*.sql
var FS embed.FS
