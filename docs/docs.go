// Package docs has the guides for users, which the program serves at /docs, and the samples that they include.
package docs

import "embed"

// Files has guides/*.md and samples/*.
//
//go:embed guides samples
var Files embed.FS
