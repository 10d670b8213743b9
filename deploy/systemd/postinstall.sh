#!/bin/sh
# Runs after the package is installed or updated. It starts nothing: the secrets have to be written first.
set -e
[ -d /run/systemd/system ] || exit 0
systemctl daemon-reload
# An update: what runs is restarted, and the API and workers start the migrations before.
for unit in hookline-api.service hookline-worker.service; do
	systemctl try-restart "$unit" || echo "hookline: $unit did not restart; see: journalctl -u $unit" >&2
done
