-- The log is the truth; everything else in this file can be read from it or guards it.
CREATE TABLE log (
    seq          INTEGER PRIMARY KEY,   -- order of commit, without gaps, from 1
    kind         INTEGER NOT NULL,      -- torwart.events.KIND_NUMBER
    received_at  INTEGER NOT NULL,      -- µs since 1970, never decreasing with seq
    at           INTEGER NOT NULL,      -- the event's own time, at most received_at
    sender_id    TEXT NOT NULL,
    recipient_id TEXT NOT NULL,
    message_id   TEXT NOT NULL,
    fold         BLOB NOT NULL,         -- torwart.features.rows.ROW
    body         BLOB NOT NULL          -- torwart.events.Body as JSON
) STRICT;

-- message_id is the key of a score: a second one is a repeat.
CREATE UNIQUE INDEX log_message ON log (message_id) WHERE kind = 2;

-- What is currently so, written in the transaction of the event that made it so.
CREATE TABLE senders (id TEXT PRIMARY KEY, profile BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE templates (id TEXT PRIMARY KEY, name TEXT NOT NULL, language TEXT NOT NULL, definition BLOB NOT NULL,
    set_by INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE blocks (sender_id TEXT, recipient_id TEXT, since INTEGER NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (sender_id, recipient_id)) STRICT, WITHOUT ROWID;
CREATE TABLE stops (sender_id TEXT, recipient_id TEXT, since INTEGER NOT NULL,
    PRIMARY KEY (sender_id, recipient_id)) STRICT, WITHOUT ROWID;
CREATE TABLE consents (sender_id TEXT, recipient_id TEXT, consent BLOB NOT NULL,
    PRIMARY KEY (sender_id, recipient_id)) STRICT, WITHOUT ROWID;
CREATE TABLE enforcements (sender_id TEXT PRIMARY KEY, enforced BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE reviews (decision_seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, outcome TEXT NOT NULL, reviewer TEXT NOT NULL,
    note TEXT NOT NULL) STRICT;

-- Answers to requests that carried an Idempotency-Key.
CREATE TABLE answers (api_key_id TEXT, idempotency_key TEXT, request_hash TEXT NOT NULL, at INTEGER NOT NULL,
    status INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (api_key_id, idempotency_key)) STRICT, WITHOUT ROWID;

-- Keys are random and long, so a plain SHA-256 of one cannot be turned back.
CREATE TABLE api_keys (id TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE, name TEXT NOT NULL, scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL, revoked_at INTEGER) STRICT, WITHOUT ROWID;
