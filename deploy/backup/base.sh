#!/bin/sh
# Copies the whole PostgreSQL server into BACKUP_DIR/base while it runs, and checks the copy. Run it daily, while
# wal.sh runs. A copy is named after the time at which it is complete: it can be restored to any later moment.
#   DATABASE_URL   postgres://user:password@host:5432/hookline of a user with the attribute REPLICATION
#   BACKUP_DIR     where backups are
set -eu
: "${DATABASE_URL:?is not set: the URL of a user with REPLICATION}" "${BACKUP_DIR:?is not set: where backups are}"
mkdir -p "$BACKUP_DIR/base"
unfinished=$(mktemp -d "$BACKUP_DIR/base/unfinished.XXXXXX")
trap 'rm -rf "$unfinished"' EXIT
pg_basebackup --dbname "$DATABASE_URL" --pgdata "$unfinished/data" --checkpoint fast --wal-method stream
pg_verifybackup --quiet "$unfinished/data"
complete="$BACKUP_DIR/base/$(date -u +%Y%m%dT%H%M%SZ)"
mv "$unfinished/data" "$complete"
echo "$complete"
