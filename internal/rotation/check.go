package rotation

import (
	"context"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/secret"
)

// checkName is the name of the setting with the key check, and its content.
const checkName = "encryption_check"

// Check fails with an error of secret.Ring's Open when the ring can't decrypt what the database's programs encrypt. The
// first call on a new database stores a sealed value for this.
func Check(ctx context.Context, d *db.DB, ring *secret.Ring) error {
	sealed, err := d.EnsureSetting(ctx, checkName, ring.Seal(secret.KeyCheck, []byte(checkName), checkName))
	if err != nil {
		return err
	}
	_, err = ring.Open(secret.KeyCheck, sealed, checkName)
	return err
}
