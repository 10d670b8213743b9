package db

import (
	"context"

	"gorm.io/gorm"
)

// Context is the context that carries a transaction given by Tx or Unit. With it, stores that take a context join the
// transaction.
func Context(tx *gorm.DB) context.Context { return tx.Statement.Context }
