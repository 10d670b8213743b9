package app

import (
	"crypto/x509"
	"fmt"
	"os"

	"github.com/hookline/hookline/internal/config"
)

// authorities are the system's and those of a PEM file; nil, which means the system's, when there is no file.
func authorities(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, &config.Error{Text: fmt.Sprintf("HOOKLINE_EGRESS_CA_FILE can't be read: %v.", err)}
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, &config.Error{Text: fmt.Sprintf("HOOKLINE_EGRESS_CA_FILE (%s) holds no certificate in PEM.", file)}
	}
	return pool, nil
}
