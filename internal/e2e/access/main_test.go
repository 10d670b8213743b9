package access_test

import (
	"testing"

	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/fake"
)

// The shared programs trust sharedScanner and sign people in with the provider sharedIssuer.
var (
	sharedScanner *fake.Scanner
	sharedIssuer  string
)

func TestMain(m *testing.M) {
	sharedScanner = fake.NewScanner(testkit.Package(), nil)
	sharedIssuer = fake.NewProvider(testkit.Package(), "http://"+publicHost)
	testkit.Main(m, fake.WithScanner(sharedScanner), fake.WithProvider(sharedIssuer, "http://"+publicHost))
}
