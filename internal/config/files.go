package config

import (
	"io"
	"os"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"
)

// FileSuffix makes of the name of a secret's variable that of the variable with the path of its file.
const FileSuffix = "_FILE"

// maxSecret is the largest file of a secret, in bytes.
const maxSecret = 64 << 10

// environment returns the variables of the process without the ignored ones. Those of secrets have the content of their
// files, as Docker and Kubernetes mount them.
func environment(ignored []string) (map[string]string, error) {
	variables := env.ToMap(os.Environ())
	if err := checkUnknown(variables); err != nil {
		return nil, err
	}
	for _, f := range Fields() {
		if slices.Contains(ignored, f.Name) {
			delete(variables, f.Name)
			continue
		}
		path := variables[f.Name+FileSuffix]
		if !f.Secret || path == "" {
			continue
		}
		if variables[f.Name] != "" {
			return nil, bad("%s and %s%s are both set. Set one of them.", f.Name, f.Name, FileSuffix)
		}
		value, err := readSecret(f.Name+FileSuffix, path)
		if err != nil {
			return nil, err
		}
		variables[f.Name] = value
	}
	return variables, nil
}

// readSecret reads the file that a variable names, without the newline that editors and echo add. Its errors don't show
// the content.
func readSecret(name, path string) (string, error) {
	unreadable := func(err error) error { return bad("%s can't be read: %v.", name, err) }
	file, err := os.Open(path)
	if err != nil {
		return "", unreadable(err)
	}
	defer func() { _ = file.Close() }()
	raw, err := io.ReadAll(io.LimitReader(file, maxSecret+1))
	if err != nil {
		return "", unreadable(err)
	}
	if len(raw) > maxSecret {
		return "", bad("%s names %s, which is larger than %d bytes. Name a file that has only the secret.", name, path,
			maxSecret)
	}
	value := strings.TrimSuffix(strings.TrimSuffix(string(raw), "\n"), "\r")
	if value == "" {
		return "", bad("%s names %s, which is empty. Write the secret into it, or leave the variable out.", name, path)
	}
	return value, nil
}
