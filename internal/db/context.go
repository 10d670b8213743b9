package db

import (
	"context"

	"gorm.io/gorm"
)

// Context returns the context that carries the transaction tx, which Tx or Unit began. Stores that are called with it
// join the transaction.
func Context(tx *gorm.DB) context.Context { return tx.Statement.Context }
