-- The table that says who may relay, its history, and how it is asked.
-- Made by certrelay; "certrelay render" makes it again. Run it as the owner of the database:
--   psql --set ON_ERROR_STOP=1 --single-transaction --file 001-tables.sql DATABASE
-- A second run changes nothing.

CREATE SCHEMA IF NOT EXISTS certrelay;
COMMENT ON SCHEMA certrelay IS 'which TLS client certificates may relay mail';

CREATE TABLE IF NOT EXISTS certrelay.schema_version (
  version integer PRIMARY KEY,
  applied timestamptz NOT NULL DEFAULT now()
);

-- One row, made once: by it a publisher knows the table again, whatever the database is called.
CREATE TABLE IF NOT EXISTS certrelay.identity (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  only_one boolean NOT NULL DEFAULT true UNIQUE CHECK (only_one)
);
INSERT INTO certrelay.identity DEFAULT VALUES ON CONFLICT DO NOTHING;

-- A fingerprint as Postfix writes it, in upper case; from the certificate or from its public key.
CREATE TABLE IF NOT EXISTS certrelay.clients (
  fingerprint text PRIMARY KEY CHECK (fingerprint ~ '^[0-9A-F]{2}(:[0-9A-F]{2}){15,63}$'),
  name text NOT NULL CHECK (name <> ''),
  kind text NOT NULL CHECK (kind IN ('certificate', 'public key')),
  serials text[] NOT NULL,
  expires timestamptz
);
COMMENT ON COLUMN certrelay.clients.serials IS 'of the certificates with this fingerprint; none for a line of an earlier map';
COMMENT ON COLUMN certrelay.clients.expires IS 'the last of them ends; Postfix does not ask for it';

-- Every publication that changed something, oldest first. Never changed and never deleted.
CREATE TABLE IF NOT EXISTS certrelay.publications (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  publisher text NOT NULL,
  role name NOT NULL DEFAULT session_user,
  position bigint NOT NULL CHECK (position > 0),
  ledger text NOT NULL CHECK (ledger ~ '^[0-9a-f]{64}$'),
  added text[] NOT NULL,
  removed text[] NOT NULL,
  changed text[] NOT NULL,
  lines integer NOT NULL CHECK (lines >= 0)
);
COMMENT ON COLUMN certrelay.publications.position IS 'how many events of the ledger it follows';
COMMENT ON COLUMN certrelay.publications.ledger IS 'SHA-256 of these events';
COMMENT ON COLUMN certrelay.publications.added IS 'fingerprints';

-- What Postfix asks. The view is read with its owner's rights, so its readers need none on the table.
CREATE OR REPLACE VIEW certrelay.relay_clientcerts AS
  SELECT fingerprint, name AS client FROM certrelay.clients;

INSERT INTO certrelay.schema_version (version) VALUES (1) ON CONFLICT DO NOTHING;
