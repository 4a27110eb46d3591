#!/bin/sh
# The PostgreSQL image runs this once, on an empty data folder, as its own administrator.
set -eu
psql --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    --set owner_password="$OWNER_PASSWORD" --set service_password="$SERVICE_PASSWORD" \
    --file /create-roles.sql
