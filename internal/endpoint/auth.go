package endpoint

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"strings"
	"time"

	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/secret"
)

// The types of authentication.
const (
	AuthNone   = "none"
	AuthBasic  = "basic"
	AuthOAuth2 = "oauth2"
	AuthMTLS   = "mtls"
)

// How the client authenticates at its token endpoint (RFC 7591).
const (
	TokenAuthBasic = "client_secret_basic"
	TokenAuthPost  = "client_secret_post"
)

// Auth is how requests authenticate to the endpoint, decrypted. Fields that don't belong to its type are empty.
type Auth struct {
	Type         string `json:"type"` // empty is AuthNone
	Username     string `json:"username,omitempty"`
	Password     string `json:"password,omitempty"`
	TokenURL     string `json:"token_url,omitempty"`
	ClientID     string `json:"client_id,omitempty"`
	ClientSecret string `json:"client_secret,omitempty"`
	Scope        string `json:"scope,omitempty"`
	TokenAuth    string `json:"token_endpoint_auth_method,omitempty"` // TokenAuthBasic, TokenAuthPost; empty to find out
	Certificate  string `json:"certificate,omitempty"`                // PEM, the chain included
	PrivateKey   string `json:"private_key,omitempty"`                // PEM
}

// BasicHeader is the value of the Authorization header, with AuthBasic.
func (a Auth) BasicHeader() string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(a.Username+":"+a.Password))
}

// KeyPair is the client certificate, with AuthMTLS. The error never quotes the key.
func (a Auth) KeyPair() (tls.Certificate, error) {
	return tls.X509KeyPair([]byte(a.Certificate), []byte(a.PrivateKey))
}

// certificateEnd is when the first certificate of a PEM text expires.
func certificateEnd(text string) (time.Time, bool) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return time.Time{}, false
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return time.Time{}, false
	}
	return leaf.NotAfter.UTC(), true
}

type authField struct {
	name  string
	value *string
	types string // of authentication that use it
	need  bool
}

func (a *Auth) fields() []authField {
	return []authField{
		{"username", &a.Username, AuthBasic, false}, {"password", &a.Password, AuthBasic, false},
		{"token_url", &a.TokenURL, AuthOAuth2, true}, {"client_id", &a.ClientID, AuthOAuth2, true},
		{"client_secret", &a.ClientSecret, AuthOAuth2, true}, {"scope", &a.Scope, AuthOAuth2, false},
		{"token_endpoint_auth_method", &a.TokenAuth, AuthOAuth2, false},
		{"certificate", &a.Certificate, AuthMTLS, true}, {"private_key", &a.PrivateKey, AuthMTLS, true},
	}
}

// secrets are the fields that are masked.
func (a *Auth) secrets() map[string]*string {
	return map[string]*string{"password": &a.Password, "client_secret": &a.ClientSecret, "private_key": &a.PrivateKey}
}

// check returns everything that is wrong with it, alone and together with the endpoint's URL and headers.
func (a Auth) check(r rules, url string, headers map[string]string) []problem.Detail {
	var details []problem.Detail
	wrong := func(field, message string) {
		details = append(details, problem.Detail{Field: field, Message: message})
	}
	for _, f := range a.fields() {
		switch {
		case f.types != a.Type && *f.value != "":
			wrong("auth."+f.name, "does not belong to the type "+a.Type+" but to "+f.types)
		case f.types == a.Type && f.need && *f.value == "":
			wrong("auth."+f.name, "is required for the type "+a.Type)
		}
	}
	if len(details) > 0 {
		return details
	}
	if _, own := find(headers, "Authorization"); own && (a.Type == AuthBasic || a.Type == AuthOAuth2) {
		wrong("headers.Authorization", "can't be sent beside auth of the type "+a.Type+
			", which sets it; remove one of them")
	}
	switch a.Type {
	case AuthBasic:
		if a.Username == "" && a.Password == "" {
			wrong("auth.username", "is empty, and password is too; the type basic needs one of them")
		}
		if strings.ContainsFunc(a.Username+a.Password, func(c rune) bool { return c < ' ' || c == 0x7f }) ||
			strings.Contains(a.Username, ":") {
			wrong("auth.username", "must contain no colon, and neither it nor the password a control character")
		}
	case AuthOAuth2:
		if err := r.checkURL(a.TokenURL); err != nil {
			wrong("auth.token_url", err.Error())
		}
	case AuthMTLS:
		if !strings.HasPrefix(strings.ToLower(url), "https:") {
			wrong("url", "must be https for auth of the type mtls")
		}
		if field, message := a.checkCertificate(r.now); field != "" {
			wrong(field, message)
		}
	}
	return details
}

func (a Auth) checkCertificate(now time.Time) (field, message string) {
	end, ok := certificateEnd(a.Certificate)
	_, err := a.KeyPair()
	switch {
	case !ok:
		return "auth.certificate", "is not a certificate in PEM"
	case !now.Before(end):
		return "auth.certificate", "expired on " + end.Format(time.RFC3339)
	case err != nil && strings.Contains(err.Error(), "does not match"):
		return "auth.private_key", "does not belong to the certificate, which must be the first of its chain"
	case a.PrivateKey == Mask: // refused by keepStored
	case err != nil:
		return "auth.private_key", "is not a private key in PEM without a password"
	}
	return "", ""
}

func (s *Store) sealAuth(e *Endpoint, a Auth) error {
	e.Auth = nil
	if a.Type == AuthNone || a.Type == "" {
		return nil
	}
	raw, err := json.Marshal(a)
	if err != nil {
		return err
	}
	e.Auth = s.sealFor(*e, secret.EndpointAuth, raw)
	return nil
}

func (s *Store) openAuth(e Endpoint) (Auth, error) {
	a := Auth{Type: AuthNone}
	if len(e.Auth) == 0 {
		return a, nil
	}
	raw, err := s.open(e, secret.EndpointAuth, e.Auth)
	if err != nil {
		return a, err
	}
	return a, json.Unmarshal(raw, &a)
}
