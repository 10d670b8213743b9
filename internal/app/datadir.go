package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/gofrs/flock"

	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/secret"
)

// The names of what hookline dev keeps in its data directory.
const (
	databaseFile = "hookline.db"
	keyFile      = "encryption.keys"
	lockFile     = "hookline.lock"
)

// dataDir is a data directory of hookline dev, locked by this process. SQLite would let two processes share it, and
// both would deliver.
type dataDir struct {
	path string
	lock *flock.Flock
}

// holder is the content of the lock file.
type holder struct {
	PID  int    `json:"pid"`
	Addr string `json:"addr"`
}

// openDataDir makes the directory unless it exists, and locks it. addr is what this process listens on, for the error
// of a second one. The operating system releases the lock when the process ends, however it ends.
func openDataDir(path, addr string) (*dataDir, error) {
	unusable := func(err error) error {
		return &config.Error{Text: fmt.Sprintf("The data directory %s can't be used: %v. Use another: hookline dev "+
			"--data-dir PATH", path, err)}
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, unusable(err)
	}
	d := &dataDir{path: path, lock: flock.New(filepath.Join(path, lockFile), flock.SetPermissions(0o600))}
	locked, err := d.lock.TryLock()
	if err != nil {
		return nil, unusable(err)
	}
	if !locked {
		return nil, &config.Error{Text: fmt.Sprintf("The data directory %s is in use by %s. Stop it first, or use "+
			"another directory: hookline dev --data-dir PATH", path, holderOf(d.lock.Path()))}
	}
	if err := d.makePrivate(); err != nil {
		d.close()
		return nil, unusable(err)
	}
	told, err := json.Marshal(holder{os.Getpid(), addr})
	if err == nil {
		err = os.WriteFile(d.lock.Path(), append(told, '\n'), 0o600)
	}
	if err != nil {
		d.close()
		return nil, unusable(err)
	}
	return d, nil
}

// holderOf describes the process that has the lock.
func holderOf(path string) string {
	var h holder
	raw, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(raw, &h) != nil { // it has just taken the lock
		return "another hookline dev"
	}
	return fmt.Sprintf("another hookline dev (process %d, http://%s)", h.PID, h.Addr)
}

// close releases the lock. The file stays: who removes it could remove the one that another process has just locked.
func (d *dataDir) close() {
	_ = os.Truncate(d.lock.Path(), 0)
	_ = d.lock.Close()
}

// dataFiles are all files that hookline dev writes but the lock.
func dataFiles() []string {
	return []string{databaseFile, databaseFile + "-wal", databaseFile + "-shm", keyFile}
}

// makePrivate takes the files, and the directory, from all other users. A directory that has other files, too, such as
// the current one, keeps its mode: others may have to read those.
func (d *dataDir) makePrivate() error {
	entries, err := os.ReadDir(d.path)
	if err != nil {
		return err
	}
	own := append(dataFiles(), lockFile)
	onlyOwn := true
	for _, e := range entries {
		if !slices.Contains(own, e.Name()) {
			onlyOwn = false
		} else if err := os.Chmod(filepath.Join(d.path, e.Name()), 0o600); err != nil {
			return err
		}
	}
	if !onlyOwn {
		return nil
	}
	return os.Chmod(d.path, 0o700)
}

// createDatabase makes the empty file of a new database. SQLite would make it readable for everybody; what it makes
// beside it gets the mode of this one.
func (d *dataDir) createDatabase() error {
	f, err := os.OpenFile(filepath.Join(d.path, databaseFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return &config.Error{Text: fmt.Sprintf("The database in the data directory can't be opened: %v. Use another "+
			"directory: hookline dev --data-dir PATH", err)}
	}
	return f.Close()
}

// DevKeysFile is the path of the encryption keys of a data directory.
func DevKeysFile(dataDir string) string { return filepath.Join(dataDir, keyFile) }

// DevKeys reads the encryption keys of a data directory, one a line; the first encrypts. Without the file the error is
// fs.ErrNotExist.
func DevKeys(dataDir string) (string, error) {
	path := DevKeysFile(dataDir)
	raw, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", err
	case err != nil:
		return "", &config.Error{Text: fmt.Sprintf("%s can't be read: %v.", path, err)}
	}
	if _, err := secret.ParseRing(string(raw)); err != nil {
		return "", &config.Error{Text: fmt.Sprintf("%s is not usable: %v.", path, err)}
	}
	return string(raw), nil
}

// HasDevData reports whether hookline dev was started with a data directory before.
func HasDevData(path string) bool {
	_, err := os.Stat(filepath.Join(path, databaseFile))
	return err == nil
}

// reset removes only the files that hookline dev wrote, in any directory, and keeps the lock.
func (d *dataDir) reset() error {
	for _, name := range dataFiles() {
		path := filepath.Join(d.path, name)
		if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
			return &config.Error{Text: fmt.Sprintf("%s can't be removed: %v.", path, err)}
		}
	}
	return nil
}

// keys reads the encryption keys, and makes one at the first start.
func (d *dataDir) keys() (string, error) {
	keys, err := DevKeys(d.path)
	if !errors.Is(err, fs.ErrNotExist) {
		return keys, err
	}
	key, path := secret.GenerateKey(), DevKeysFile(d.path)
	if err := os.WriteFile(path, []byte(key+"\n"), 0o600); err != nil {
		return "",
			&config.Error{Text: fmt.Sprintf("%s can't be written: %v. Use another directory: hookline dev "+
				"--data-dir PATH", path, err)}
	}
	return key, nil
}
