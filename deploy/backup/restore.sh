#!/bin/sh
# Prepares a PostgreSQL data folder with the state of a moment: restore.sh '2026-11-30 17:00:00+00' /new/data/folder
# Start PostgreSQL of the same major version on the folder afterwards; it replays the log up to the moment and then
# takes writes. Without a moment ('') it replays all there is. The old server must be stopped.
#   BACKUP_DIR     where base.sh and wal.sh wrote; PostgreSQL must be able to read it while it recovers
set -eu
: "${BACKUP_DIR:?is not set: where backups are}"
[ $# -eq 2 ] || { echo "usage: restore.sh TIME DATA_FOLDER" >&2; exit 2; }
moment=$1 data=$2
[ ! -e "$data" ] || { echo "$data exists. Name a folder that does not." >&2; exit 1; }
limit=$(date -u ${moment:+-d "$moment"} +%Y%m%dT%H%M%SZ)
base=
for copy in "$BACKUP_DIR"/base/[0-9]*Z; do
	[ -d "$copy" ] || continue
	# Names sort by time.
	if ! expr "$(basename "$copy")" '>' "$limit" >/dev/null; then base=$copy; fi
done
[ -n "$base" ] || { echo "There is no base backup that was complete at $moment. See: ls $BACKUP_DIR/base" >&2; exit 1; }
cp -a "$base" "$data"
chmod 700 "$data"
{
	echo "restore_command = 'for f in \"$BACKUP_DIR/wal/%f\" \"$BACKUP_DIR/wal/%f.partial\"; do" \
		"[ ! -f \"\$f\" ] || exec cp \"\$f\" \"%p\"; done; exit 1'"
	[ -z "$moment" ] || echo "recovery_target_time = '$moment'"
	echo "recovery_target_action = 'promote'"
	echo "synchronous_standby_names = ''"
} >>"$data/postgresql.auto.conf"
touch "$data/recovery.signal"
echo "restored $base; start PostgreSQL on $data"
