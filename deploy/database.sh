#!/bin/sh
# Run once, by the database's image, when its volume is empty. The portal's role owns its database and is no
# superuser; the extensions, which only a superuser may create, are in template1, so every database has them.
set -eu
psql --set ON_ERROR_STOP=1 --set password="$DATABASE_PASSWORD" --username "$POSTGRES_USER" --dbname template1 <<'SQL'
CREATE EXTENSION IF NOT EXISTS vector;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE ROLE fascicle LOGIN CREATEROLE PASSWORD :'password';
SQL
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres --command 'CREATE DATABASE fascicle OWNER fascicle'
