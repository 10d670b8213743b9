package egress

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"testing"
)

// resolver starts a name server on loopback that answers every A and AAAA
// question with what lookup returns at that moment (nothing: no such name), and
// returns a resolver that asks it.
func resolver(t *testing.T, lookup func() []netip.Addr) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			conn.WriteTo(dnsAnswer(buf[:n], lookup()), from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp4", conn.LocalAddr().String())
	}}
}

// dnsAnswer builds the message of RFC 1035 section 4 that answers a query of one
// question.
func dnsAnswer(query []byte, addrs []netip.Addr) []byte {
	end := 12
	for query[end] != 0 { // labels of the name
		end += 1 + int(query[end])
	}
	end += 5 // root label, type, class
	qtype := binary.BigEndian.Uint16(query[end-4:])

	var records []byte
	count := uint16(0)
	for _, addr := range addrs {
		if (qtype == 1) != addr.Is4() {
			continue
		}
		data := addr.AsSlice()
		records = append(records, 0xc0, 12) // the name at offset 12
		records = binary.BigEndian.AppendUint16(records, qtype)
		records = append(records, 0, 1, 0, 0, 0, 0, 0, byte(len(data))) // IN, TTL 0, length
		records = append(records, data...)
		count++
	}
	flags := uint16(0x8180) // an answer, recursion available
	if len(addrs) == 0 {
		flags |= 3 // NXDOMAIN
	}
	msg := append([]byte{}, query[:2]...)
	msg = binary.BigEndian.AppendUint16(msg, flags)
	msg = append(msg, 0, 1)
	msg = binary.BigEndian.AppendUint16(msg, count)
	msg = append(msg, 0, 0, 0, 0)
	msg = append(msg, query[12:end]...)
	return append(msg, records...)
}
