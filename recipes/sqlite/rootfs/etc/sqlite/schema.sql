-- What the server runs before it listens.
CREATE TABLE IF NOT EXISTS things(id INTEGER PRIMARY KEY, kind INTEGER, value TEXT, changes INTEGER DEFAULT 0);
CREATE INDEX IF NOT EXISTS things_by_kind ON things(kind, id);
