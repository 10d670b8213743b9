#!/bin/sh
# Streams PostgreSQL's log of changes (WAL) into BACKUP_DIR/wal until it is stopped. Run it under a supervisor, on
# another machine than the database's. The slot keeps the log while this is away, so watch the disk of the database.
#   DATABASE_URL   postgres://user:password@host:5432/hookline of a user with the attribute REPLICATION
#   BACKUP_DIR     where backups are
set -eu
: "${DATABASE_URL:?is not set: the URL of a user with REPLICATION}" "${BACKUP_DIR:?is not set: where backups are}"
slot=${BACKUP_SLOT:-hookline_backup}
mkdir -p "$BACKUP_DIR/wal"
pg_receivewal --dbname "$DATABASE_URL" --slot "$slot" --create-slot --if-not-exists
exec pg_receivewal --dbname "$DATABASE_URL" --slot "$slot" --directory "$BACKUP_DIR/wal" --synchronous
