package config

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

func TestEverySecretCanBeReadFromAFile(t *testing.T) {
	clean(t)
	file := filepath.Join(t.TempDir(), "secret")
	secretName := regexp.MustCompile(
		`(_KEYS?|_SECRET|_TOKEN|_HEADERS|DATABASE_URL|READ_URL|REDIS_URL|SMTP_URL|WEBHOOK_URL|EGRESS_PROXY)$`)
	read := 0
	for _, f := range Fields() {
		if want := secretName.MatchString(f.Name); f.Secret != want {
			t.Errorf("%s is a secret: got %v, want %v", f.Name, f.Secret, want)
		}
		if !f.Secret {
			continue
		}
		read++
		for content, want := range map[string]string{"s3cret": "s3cret", "s3cret\n": "s3cret", "s3cret\r\n": "s3cret",
			" s3cret\n\n": " s3cret\n"} {
			field := func(c Config) reflect.Value { return reflect.ValueOf(c).FieldByName(f.Field) }
			isMap := field(Config{}).Kind() == reflect.Map
			if isMap {
				content = "name:" + content
			}
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			t.Setenv(f.Name+"_FILE", file)
			c, err := FromEnvironment()
			value := field(c)
			if isMap && err == nil {
				value = value.MapIndex(reflect.ValueOf("name"))
			}
			if got := value.String(); err != nil || got != want {
				t.Errorf("%s from a file with %q: got %q, %v, want %q", f.Name, content, got, err, want)
			}
		}
		t.Setenv(f.Name+"_FILE", "")
	}
	if read < 10 {
		t.Errorf("%d secrets were read from files, want at least 10", read)
	}
}

func TestAFileOfASecretThatCantBeUsedIsNamed(t *testing.T) {
	clean(t)
	dir := t.TempDir()
	write := func(name, content string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const name = "HOOKLINE_ENCRYPTION_KEYS"
	for _, c := range []struct{ path, value, says string }{
		{write("good", "s3cret"), "other", name + " and " + name + "_FILE are both set"},
		{filepath.Join(dir, "missing"), "", name + "_FILE can't be read"},
		{dir, "", name + "_FILE can't be read"},
		{write("empty", ""), "", "which is empty"},
		{write("newline", "\n"), "", "which is empty"},
		{write("large", strings.Repeat("s3cret", maxSecret)), "", "which is larger than"},
	} {
		t.Setenv(name, c.value)
		t.Setenv(name+"_FILE", c.path)
		_, err := FromEnvironment()
		if err == nil || !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), name) ||
			strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: got %v, want %q without the content", c.path, err, c.says)
		}
		if _, err := FromEnvironment(name); err != nil {
			t.Errorf("%s, ignored: got %v, want no error", c.path, err)
		}
	}
}
