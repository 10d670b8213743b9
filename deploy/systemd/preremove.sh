#!/bin/sh
# Runs before the package is removed, and not before an update: deb calls it with "remove", rpm with the number 0 of
# packages that stay.
set -e
case "$1" in remove | 0) ;; *) exit 0 ;; esac
[ -d /run/systemd/system ] || exit 0
systemctl disable --now hookline-api.service hookline-worker.service hookline-migrate.service || true
