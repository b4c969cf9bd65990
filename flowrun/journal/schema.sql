-- The journal of all runs of a project. Version 1.
-- Nothing in `events` is ever changed or deleted; `runs` and `requests` carry a seal over their own values.

CREATE TABLE runs (
    run_id      TEXT NOT NULL PRIMARY KEY,
    workflow    TEXT NOT NULL,
    status      TEXT NOT NULL,
    started_at  REAL NOT NULL,     -- seconds since the epoch, as all times here
    finished_at REAL,
    owner       TEXT NOT NULL,     -- empty where nobody drives the run
    epoch       INTEGER NOT NULL,  -- raised by every owner
    last_seq    INTEGER NOT NULL,
    last_hash   BLOB NOT NULL,
    requests    INTEGER NOT NULL,  -- how many there are below
    seal        BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE events (
    run_id TEXT NOT NULL,
    seq    INTEGER NOT NULL,       -- from 1, without a gap
    epoch  INTEGER NOT NULL,       -- of the owner that wrote it
    at     REAL NOT NULL,
    type   TEXT NOT NULL,
    v      INTEGER NOT NULL,       -- the version that `data` is written in
    data   TEXT NOT NULL,          -- JSON in ASCII; or @sha256:..., the name of a file in the folder `large`
    hash   BLOB NOT NULL,          -- sha256 over the hash before it and this row
    PRIMARY KEY (run_id, seq)
) WITHOUT ROWID;

CREATE TABLE requests (
    run_id TEXT NOT NULL,
    number INTEGER NOT NULL,       -- from 1 within the run
    at     REAL NOT NULL,
    level  TEXT NOT NULL,
    by     TEXT NOT NULL,
    seal   BLOB NOT NULL,
    PRIMARY KEY (run_id, number)
) WITHOUT ROWID;
