package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// The environment's settings, which go before a profile.
const (
	EnvKey = "HOOKLINE_API_KEY"
	EnvURL = "HOOKLINE_URL"
	// DefaultURL is where hookline dev listens.
	DefaultURL = "http://127.0.0.1:8080"
	// DefaultProfile is the profile of who names none.
	DefaultProfile = "default"
)

// Settings are where a server is and the key for it.
type Settings struct {
	URL     string `json:"url"` // without /api/v1
	Key     string `json:"key"`
	Profile string `json:"-"` // where they come from; empty for the environment
}

// file is the file of profiles.
type file struct {
	Profiles map[string]Settings `json:"profiles"`
}

// ConfigFile is where profiles are kept: in the configuration folder of the operating system.
func ConfigFile() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", &Error{Text: fmt.Sprintf("There is no folder for configuration: %v. Set HOME, or use %s and %s.", err,
			EnvKey, EnvURL)}
	}
	return filepath.Join(dir, "hookline", "config.json"), nil
}

var profileName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,50}$`)

// ParseURL reads a server's URL, with or without /api/v1.
func ParseURL(text string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.User != nil {
		return "", &Error{Usage: true, Text: fmt.Sprintf("The URL %q is not one of a server. Write it like "+
			"https://api.example.com, or %s for hookline dev.", text, DefaultURL)}
	}
	u.RawQuery, u.Fragment = "", ""
	return strings.TrimSuffix(strings.TrimSuffix(u.String(), "/"), base), nil
}

// Load returns the settings of a profile, or of the environment if no profile is named.
func Load(profile string) (Settings, error) {
	key, address := os.Getenv(EnvKey), os.Getenv(EnvURL)
	if profile == "" && key != "" {
		if address == "" {
			address = DefaultURL
		}
		u, err := ParseURL(address)
		return Settings{URL: u, Key: key}, err
	}
	name := profile
	if name == "" {
		name = DefaultProfile
	}
	f, path, err := read()
	if err != nil {
		return Settings{}, err
	}
	s, known := f.Profiles[name]
	switch {
	case !known && profile != "":
		return s, &Error{Text: fmt.Sprintf("There is no profile %q in %s. Make it: hookline login --profile %s", name, path,
			name)}
	case !known:
		return s, &Error{Text: fmt.Sprintf("You are not signed in. Sign in: hookline login, or set %s and %s.", EnvKey,
			EnvURL)}
	case profile == "" && address != "":
		if u, err := ParseURL(address); err != nil || u != s.URL { // a stored key goes to its own server only
			return s, &Error{Text: fmt.Sprintf("%s is %s, but the stored key is for %s. Set %s too, or sign in there: "+
				"hookline login --url %s --profile NAME", EnvURL, address, s.URL, EnvKey, address)}
		}
	}
	s.Profile = name
	return s, nil
}

// Save stores a profile, so that only the user can read it. It returns the path of the file.
func Save(s Settings) (string, error) {
	if !profileName.MatchString(s.Profile) {
		return "", &Error{Usage: true, Text: fmt.Sprintf("The profile %q is not a name of letters, digits, dots, dashes and "+
			"underscores.", s.Profile)}
	}
	return change(func(f *file) { f.Profiles[s.Profile] = s })
}

// Remove removes a profile, and says whether there was one.
func Remove(profile string) (bool, error) {
	f, _, err := read()
	if err != nil {
		return false, err
	}
	if _, there := f.Profiles[profile]; !there {
		return false, nil
	}
	_, err = change(func(f *file) { delete(f.Profiles, profile) })
	return true, err
}

// Profiles lists the names of all profiles.
func Profiles() ([]string, error) {
	f, _, err := read()
	names := make([]string, 0, len(f.Profiles))
	for name := range f.Profiles {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, err
}

func read() (file, string, error) {
	f := file{Profiles: map[string]Settings{}}
	path, err := ConfigFile()
	if err != nil {
		return f, path, err
	}
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, path, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &f)
	}
	if err != nil {
		return f, path, &Error{Text: fmt.Sprintf("%s can't be read: %v. Correct or delete it, and sign in again: hookline "+
			"login", path, err)}
	}
	if f.Profiles == nil {
		f.Profiles = map[string]Settings{}
	}
	return f, path, nil
}

// change rewrites the file by a new one in its place, so that a crash leaves the old or the new.
func change(edit func(*file)) (string, error) {
	f, path, err := read()
	if err != nil {
		return path, err
	}
	edit(&f)
	raw, err := json.MarshalIndent(f, "", "  ")
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o700)
	}
	if err == nil {
		err = replace(path, append(raw, '\n'))
	}
	if err != nil {
		return path, &Error{Text: fmt.Sprintf("%s can't be written: %v. Use %s and %s instead.", path, err, EnvKey,
			EnvURL)}
	}
	return path, nil
}

func replace(path string, text []byte) error {
	t, err := os.CreateTemp(filepath.Dir(path), ".config-*") // with 0600
	if err != nil {
		return err
	}
	_, err = t.Write(text)
	if err = errors.Join(err, t.Close()); err == nil {
		err = os.Rename(t.Name(), path)
	}
	if err != nil {
		_ = os.Remove(t.Name())
	}
	return err
}
