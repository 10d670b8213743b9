package app

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"

	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/egress"
)

// authorities are the system's and those of a PEM file; nil, which means the system's, when there is no file.
func authorities(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	return pool, addAuthorities(pool, "HOOKLINE_EGRESS_CA_FILE", file)
}

// addAuthorities adds those in the PEM file that a variable names.
func addAuthorities(pool *x509.CertPool, name, file string) error {
	pem, err := os.ReadFile(file)
	if err != nil {
		return &config.Error{Text: fmt.Sprintf("%s can't be read: %v.", name, err)}
	}
	if !pool.AppendCertsFromPEM(pem) {
		return &config.Error{Text: fmt.Sprintf("%s (%s) holds no certificate in PEM.", name, file)}
	}
	return nil
}

// egressProxy is the proxy of the configuration; nil without one. observe is told what became of each CONNECT.
func egressProxy(c config.Config, observe func(egress.Outcome)) (*egress.Proxy, error) {
	u, err := c.EgressProxyURL()
	if err != nil || u == nil {
		return nil, err
	}
	p := &egress.Proxy{URL: u, ByName: c.EgressProxyTarget == config.TargetName, Observe: observe,
		TLS: &tls.Config{MinVersion: tls.VersionTLS12}}
	if c.EgressProxyCAFile != "" {
		p.TLS.RootCAs = x509.NewCertPool()
		if err := addAuthorities(p.TLS.RootCAs, "HOOKLINE_EGRESS_PROXY_CA_FILE", c.EgressProxyCAFile); err != nil {
			return nil, err
		}
	}
	if c.EgressProxyCert == "" {
		return p, nil
	}
	load := func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		pair, err := tls.LoadX509KeyPair(c.EgressProxyCert, c.EgressProxyKey)
		return &pair, err
	}
	if _, err := load(nil); err != nil {
		return nil, &config.Error{Text: fmt.Sprintf("HOOKLINE_EGRESS_PROXY_CERT_FILE and "+
			"HOOKLINE_EGRESS_PROXY_KEY_FILE can't be used: %v. Name the PEM files of a certificate and its key.", err)}
	}
	p.TLS.GetClientCertificate = load
	return p, nil
}
