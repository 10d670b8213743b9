package wire

import "context"

type rawKey struct{}

// WithRaw returns a context that carries a request's body as it was sent.
func WithRaw(ctx context.Context, body []byte) context.Context {
	return context.WithValue(ctx, rawKey{}, body)
}

// Raw is the body byte for byte as it was sent, for handlers that check a signature over it. Only requests of public
// operations carry it; it is nil for all others.
func Raw(ctx context.Context) []byte {
	body, _ := ctx.Value(rawKey{}).([]byte)
	return body
}
