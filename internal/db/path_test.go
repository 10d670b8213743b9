package db_test

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/hookline/hookline/internal/db"
)

func TestTheDatabaseFileIsWhereItWasAskedForWhateverTheDirectoryIsCalled(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a b", "a#b", "a?b", "100%", "%20", "é"} {
		file := filepath.Join(t.TempDir(), name, "hookline.db")
		if err := os.Mkdir(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		u := url.URL{Scheme: "sqlite", Path: filepath.ToSlash(file)}
		d, err := db.Open(t.Context(), u.String())
		if err != nil {
			t.Errorf("Open of %q: got %v, want nil", name, err)
			continue
		}
		_, err = d.MigrateUp(t.Context())
		_ = d.Close()
		if _, missing := os.Stat(file); err != nil || missing != nil {
			t.Errorf("file of %q: got %v, %v, want it made", name, err, missing)
		}
	}
}
