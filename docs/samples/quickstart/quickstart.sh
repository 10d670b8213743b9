#!/bin/sh
# Creates a webhook endpoint and a lead, waits for the delivery of the event about the lead, and verifies it. The
# receiver is the inbox of `hookline dev`. Needs curl, jq and openssl.
#
#   export HOOKLINE_URL=http://127.0.0.1:8080 HOOKLINE_API_KEY=hk_live_…
#   sh quickstart.sh
set -eu

# echo would read the backslashes of JSON.
field() { printf '%s' "$1" | jq -r "$2"; }

# region client
api() {
	method=$1 path=$2
	shift 2
	curl -sS --fail-with-body -X "$method" "$HOOKLINE_URL/api/v1$path" \
		-H "Authorization: Bearer $HOOKLINE_API_KEY" -H 'Content-Type: application/json' "$@"
}
# endregion

# region endpoint
endpoint=$(api POST /webhooks -d '{
  "name": "Quickstart",
  "url": "'"$HOOKLINE_URL"'/dev/inbox",
  "events": ["lead.created"]
}')
webhook_id=$(field "$endpoint" .id)
secret=$(field "$endpoint" .secret)
# endregion
trap 'api DELETE "/webhooks/$webhook_id"' EXIT

# region lead
lead_id=$(api POST /leads -H "Idempotency-Key: quickstart-$$-$(date +%s)" -d '{
  "name": "Ada Lovelace",
  "email": "ada@example.com"
}' | jq -r .id)
# endregion

# region delivery
for _ in $(seq 100); do
	delivery_id=$(api GET "/webhooks/deliveries?webhook_id=$webhook_id&status=succeeded" | jq -r '.data[0].id // empty')
	[ -n "$delivery_id" ] && break
	sleep 0.1
done
[ -n "$delivery_id" ] || { echo "no webhook arrived within 10 seconds" >&2; exit 1; }
delivery=$(api GET "/deliveries/$delivery_id")
# endregion

# region verify
header() { field "$delivery" ".attempts[0].request_headers[\"$1\"]"; }
# The key of the HMAC is what follows whsec_, decoded; signed are id, timestamp and the raw body, with dots between.
key=$(printf '%s' "${secret#whsec_}" | base64 -d | od -An -v -tx1 | tr -d ' \n')
signed() {
	printf '%s.%s.' "$(header webhook-id)" "$(header webhook-timestamp)"
	printf '%s' "$delivery" | jq -j .body
}
expected=v1,$(signed | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | base64)
[ "$(header webhook-signature)" = "$expected" ] || { echo "the signature is wrong" >&2; exit 1; }
# endregion

[ "$(field "$(field "$delivery" .body)" .data.id)" = "$lead_id" ] || { echo "it is another lead" >&2; exit 1; }
echo "received and verified $(field "$delivery" .event_type) of $lead_id"
