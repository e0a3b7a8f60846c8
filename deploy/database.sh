#!/bin/sh
# Run once, by the database's image, when its volume is empty. The extensions, which only a superuser may create, are in
# template1, so every database has them. Roles: the owner migrates; the application and the sender work behind
# row-level security; the keeper, as which nobody signs in, owns the functions that look over it; the backup reads all.
set -eu
psql --set ON_ERROR_STOP=1 --set owner="$DATABASE_OWNER_PASSWORD" --set app="$DATABASE_PASSWORD" \
    --set sender="$DATABASE_SENDER_PASSWORD" --set backup="$DATABASE_BACKUP_PASSWORD" \
    --username "$POSTGRES_USER" --dbname template1 <<'SQL'
CREATE EXTENSION IF NOT EXISTS vector;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE ROLE fascicle LOGIN PASSWORD :'owner';
CREATE ROLE fascicle_app LOGIN PASSWORD :'app';
CREATE ROLE fascicle_sender LOGIN PASSWORD :'sender';
CREATE ROLE fascicle_backup LOGIN BYPASSRLS PASSWORD :'backup';
GRANT pg_read_all_data TO fascicle_backup;
CREATE ROLE fascicle_keeper NOLOGIN BYPASSRLS;
GRANT fascicle_keeper TO fascicle WITH INHERIT FALSE, SET TRUE;
SQL
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres --command 'CREATE DATABASE fascicle OWNER fascicle'
