-- Who may do what: the servers read one view, the publisher changes the lines and adds to the history.
-- Made by certrelay; "certrelay render" makes it again. Run it as a superuser, after 001-tables.sql:
--   psql --set ON_ERROR_STOP=1 --single-transaction --file 002-roles.sql DATABASE
-- A second run changes nothing. Roles get no password here; give each one with psql's \password.

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'certrelay_reader') THEN
    CREATE ROLE certrelay_reader LOGIN;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'certrelay_writer') THEN
    CREATE ROLE certrelay_writer LOGIN;
  END IF;
END
$$;

REVOKE ALL ON SCHEMA certrelay FROM PUBLIC, certrelay_reader, certrelay_writer;
REVOKE ALL ON ALL TABLES IN SCHEMA certrelay FROM PUBLIC, certrelay_reader, certrelay_writer;

GRANT USAGE ON SCHEMA certrelay TO certrelay_reader, certrelay_writer;
GRANT SELECT ON certrelay.relay_clientcerts TO certrelay_reader;

GRANT SELECT ON certrelay.schema_version, certrelay.identity TO certrelay_writer;
GRANT SELECT, INSERT, UPDATE, DELETE ON certrelay.clients TO certrelay_writer;
-- When it was, and as which role, the database itself writes down.
GRANT SELECT, INSERT (publisher, position, ledger, added, removed, changed, lines)
  ON certrelay.publications TO certrelay_writer;
