#!/bin/sh
# Creates a lead and prints it.
set -eu

curl -sS --fail-with-body -X POST "$HOOKLINE_URL/api/v1/leads" \
  -H "Authorization: Bearer $HOOKLINE_API_KEY" \
  -H 'Content-Type: application/json' \
  -d '{"name": "Ada Lovelace", "email": "ada@example.com"}'
