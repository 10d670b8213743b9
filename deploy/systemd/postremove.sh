#!/bin/sh
# Runs after the package is removed. Settings and secrets stay until the package is purged.
set -e
if [ "$1" = purge ]; then rm -rf /etc/hookline; fi
[ ! -d /run/systemd/system ] || systemctl daemon-reload
