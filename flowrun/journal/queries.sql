-- Each query is named by the line before it.

-- name: run
SELECT run_id, workflow, status, started_at, finished_at, owner, epoch, last_seq, last_hash, requests, seal
FROM runs WHERE run_id = ?

-- name: runs
SELECT run_id, workflow, status, started_at, finished_at, owner, epoch, last_seq, last_hash, requests, seal
FROM runs ORDER BY started_at DESC, run_id DESC LIMIT ?

-- name: latest
SELECT run_id, workflow, status, started_at, finished_at, owner, epoch, last_seq, last_hash, requests, seal
FROM runs WHERE workflow = ? AND status = ? ORDER BY started_at DESC, run_id DESC LIMIT ?

-- name: add_run
INSERT INTO runs (run_id, workflow, status, started_at, finished_at, owner, epoch, last_seq, last_hash, requests, seal)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: change_run
UPDATE runs SET run_id = ?, workflow = ?, status = ?, started_at = ?, finished_at = ?, owner = ?, epoch = ?,
    last_seq = ?, last_hash = ?, requests = ?, seal = ?
WHERE run_id = ?

-- name: add_event
INSERT INTO events (run_id, seq, epoch, at, type, v, data, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)

-- name: events
SELECT seq, epoch, type, v, at, data, hash FROM events WHERE run_id = ? AND seq > ? ORDER BY seq

-- name: hash
SELECT hash FROM events WHERE run_id = ? AND seq = ?

-- name: add_request
INSERT INTO requests (run_id, number, at, level, by, seal) VALUES (?, ?, ?, ?, ?, ?)

-- name: requests
SELECT number, at, level, by, seal FROM requests WHERE run_id = ? ORDER BY number
