-- The journal of all runs of a project. Layout 2.
-- Nothing in `events` is ever changed or deleted; the rows of the other tables carry a seal over their own values.

CREATE TABLE runs (
    run_id      TEXT NOT NULL PRIMARY KEY,
    workflow    TEXT NOT NULL,
    status      TEXT NOT NULL,
    started_at  REAL NOT NULL,     -- seconds since the epoch, as all times here
    finished_at REAL,
    owner       TEXT NOT NULL,     -- empty where nobody drives the run
    parent      TEXT NOT NULL,     -- the run that it is a step of, or empty
    run_key     TEXT NOT NULL,
    run_group   TEXT NOT NULL,     -- its concurrency group, or empty
    epoch       INTEGER NOT NULL,  -- raised by every owner
    last_seq    INTEGER NOT NULL,
    last_hash   BLOB NOT NULL,
    number      INTEGER NOT NULL,  -- from 1, in the order in which runs were created
    requests    INTEGER NOT NULL,  -- how many there are below
    slots       INTEGER NOT NULL,  -- the same
    seal        BLOB NOT NULL
) WITHOUT ROWID;

CREATE UNIQUE INDEX runs_by_number ON runs (number);

CREATE INDEX runs_by_key ON runs (run_key, number) WHERE run_key <> '';

CREATE INDEX runs_by_group ON runs (run_group, number) WHERE run_group <> '';

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

-- Words from other processes to the owner of a run: events that it puts on record itself, where they still fit.
CREATE TABLE requests (
    run_id TEXT NOT NULL,
    number INTEGER NOT NULL,       -- from 1 within the run
    type   TEXT NOT NULL,          -- this and the next three as in `events`
    v      INTEGER NOT NULL,
    at     REAL NOT NULL,
    data   TEXT NOT NULL,
    seal   BLOB NOT NULL,
    PRIMARY KEY (run_id, number)
) WITHOUT ROWID;

-- The slots that legs hold, of the pools that all runs share.
CREATE TABLE slots (
    run_id  TEXT NOT NULL,
    step_id TEXT NOT NULL,
    leg     INTEGER NOT NULL,
    pool    TEXT NOT NULL,
    count   INTEGER NOT NULL,
    leg_key TEXT NOT NULL,
    seal    BLOB NOT NULL,
    PRIMARY KEY (run_id, step_id, leg, pool)
) WITHOUT ROWID;

-- What runs asked for in vain, so that one that is quicker to ask does not get all turns.
CREATE TABLE waits (
    run_id TEXT NOT NULL,
    wanted TEXT NOT NULL,          -- how many slots of which pools: a JSON object
    number INTEGER NOT NULL,       -- in the order in which they asked
    seal   BLOB NOT NULL,
    PRIMARY KEY (run_id, wanted)
) WITHOUT ROWID;
