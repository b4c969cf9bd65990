-- Each query is named by the line before it.

-- name: run
SELECT run_id, workflow, status, started_at, finished_at, owner, parent, run_key, run_group, epoch, last_seq, last_hash,
    number, requests, slots, seal
FROM runs WHERE run_id = ?

-- name: runs
SELECT run_id, workflow, status, started_at, finished_at, owner, parent, run_key, run_group, epoch, last_seq, last_hash,
    number, requests, slots, seal
FROM runs WHERE parent = '' OR ? ORDER BY started_at DESC, run_id DESC LIMIT ?

-- name: latest
SELECT run_id, workflow, status, started_at, finished_at, owner, parent, run_key, run_group, epoch, last_seq, last_hash,
    number, requests, slots, seal
FROM runs WHERE workflow = ? AND status = ? ORDER BY started_at DESC, run_id DESC LIMIT ?

-- name: keyed
SELECT run_id, workflow, status, started_at, finished_at, owner, parent, run_key, run_group, epoch, last_seq, last_hash,
    number, requests, slots, seal
FROM runs WHERE run_key <> '' AND run_key = ? ORDER BY number DESC LIMIT 1

-- name: grouped
SELECT run_id, workflow, status, started_at, finished_at, owner, parent, run_key, run_group, epoch, last_seq, last_hash,
    number, requests, slots, seal
FROM runs WHERE run_group <> '' AND run_group = ? AND finished_at IS NULL ORDER BY number

-- name: next_number
SELECT coalesce(max(number), 0) + 1 FROM runs

-- name: add_run
INSERT INTO runs (run_id, workflow, status, started_at, finished_at, owner, parent, run_key, run_group, epoch, last_seq,
    last_hash, number, requests, slots, seal)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: change_run
UPDATE runs SET run_id = ?, workflow = ?, status = ?, started_at = ?, finished_at = ?, owner = ?, parent = ?,
    run_key = ?, run_group = ?, epoch = ?, last_seq = ?, last_hash = ?, number = ?, requests = ?, slots = ?, seal = ?
WHERE run_id = ?

-- name: add_event
INSERT INTO events (run_id, seq, epoch, at, type, v, data, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)

-- name: events
SELECT seq, epoch, type, v, at, data, hash FROM events WHERE run_id = ? AND seq > ? ORDER BY seq

-- name: hash
SELECT hash FROM events WHERE run_id = ? AND seq = ?

-- name: add_request
INSERT INTO requests (run_id, number, type, v, at, data, seal) VALUES (?, ?, ?, ?, ?, ?, ?)

-- name: requests
SELECT number, type, v, at, data, seal FROM requests WHERE run_id = ? ORDER BY number

-- name: first
SELECT type, v, at, data, hash FROM events WHERE run_id = ? AND seq = 1

-- name: add_slot
INSERT INTO slots (run_id, step_id, leg, pool, count, leg_key, seal) VALUES (?, ?, ?, ?, ?, ?, ?)

-- name: slots
SELECT run_id, step_id, leg, pool, count, leg_key, seal FROM slots ORDER BY run_id, step_id, leg, pool

-- name: give_back
DELETE FROM slots WHERE run_id = ? AND step_id = ? AND leg = ?

-- name: give_all_back
DELETE FROM slots WHERE run_id = ?

-- name: add_wait
INSERT INTO waits (run_id, wanted, number, seal) VALUES (?, ?, ?, ?)

-- name: waits
SELECT run_id, wanted, number, seal FROM waits ORDER BY number

-- name: wait_no_more
DELETE FROM waits WHERE run_id = ?
