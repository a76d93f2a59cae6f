-- Version 2: what keys may do and for how long, invitations, usage by key, webhooks with their attempts.

---------------------------------------------------------------- keys

ALTER TABLE keys ADD COLUMN scopes TEXT;          -- words between spaces; NULL may do everything
ALTER TABLE keys ADD COLUMN expires_at INTEGER;   -- NULL lasts until it is revoked

CREATE TABLE invitations (
    id              TEXT    PRIMARY KEY NOT NULL CHECK (id GLOB 'inv_*'),
    token_hash      TEXT    NOT NULL UNIQUE CHECK (length(token_hash) = 64),
    note            TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    used_at         INTEGER,
    used_by         TEXT    REFERENCES accounts (id),
    CHECK ((used_at IS NULL) = (used_by IS NULL))
) STRICT;
CREATE TRIGGER invitations_work_once BEFORE UPDATE ON invitations WHEN OLD.used_at IS NOT NULL BEGIN
    SELECT RAISE(ABORT, 'an invitation works once');
END;

---------------------------------------------------------------- usage by key

-- A job may be deleted, its hold stays: so the hold names the key. Old holds learn theirs from the jobs that are left.
ALTER TABLE holds ADD COLUMN key_id TEXT REFERENCES keys (id);
DROP TRIGGER holds_resolve_once;
UPDATE holds SET key_id = (SELECT key_id FROM jobs WHERE jobs.id = holds.job_id);
CREATE TRIGGER holds_resolve_once BEFORE UPDATE ON holds
WHEN OLD.resolved_at IS NOT NULL OR NEW.resolved_at IS NULL
    OR NEW.job_id <> OLD.job_id OR NEW.account_id <> OLD.account_id OR NEW.mode <> OLD.mode
    OR NEW.from_signup <> OLD.from_signup OR NEW.from_available <> OLD.from_available
    OR NEW.created_at <> OLD.created_at OR NEW.key_id IS NOT OLD.key_id BEGIN
    SELECT RAISE(ABORT, 'a hold is resolved once and changes in no other way');
END;

---------------------------------------------------------------- webhooks

-- The address under which the job was accepted: the beginning of the URLs that its webhook tells.
ALTER TABLE jobs ADD COLUMN base_url TEXT;

-- An account's own: where the end of every job goes that names no address, and what signs.
CREATE TABLE webhooks (
    account_id      TEXT    PRIMARY KEY NOT NULL REFERENCES accounts (id),
    url             TEXT,
    secret          TEXT    NOT NULL,
    previous_secret TEXT,                    -- signs beside the new one for a while
    previous_until  INTEGER,
    CHECK ((previous_secret IS NULL) = (previous_until IS NULL))
) STRICT, WITHOUT ROWID;

-- Rebuilt: a delivery may belong to no job, says its type and livemode, and logs every attempt.
CREATE TABLE deliveries (
    id              TEXT    PRIMARY KEY NOT NULL CHECK (id GLOB 'evt_*'), -- the webhook-id header: the same on every attempt
    account_id      TEXT    NOT NULL REFERENCES accounts (id),
    livemode        INTEGER NOT NULL CHECK (livemode IN (0, 1)),
    type            TEXT    NOT NULL CHECK (type IN ('job.completed', 'job.aborted', 'webhook.test')),
    job_id          TEXT,                    -- the job may be deleted by now
    url             TEXT    NOT NULL,
    payload         TEXT    NOT NULL CHECK (json_valid(payload)),
    created_at      INTEGER NOT NULL,
    tries           INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0), -- attempts since it was made or last replayed
    next_attempt_at INTEGER,                 -- NULL once delivered or given up
    delivered_at    INTEGER,
    CHECK ((type = 'webhook.test') = (job_id IS NULL)),
    CHECK (delivered_at IS NULL OR next_attempt_at IS NULL)
) STRICT;
CREATE TABLE delivery_attempts (
    delivery_id     TEXT    NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    number          INTEGER NOT NULL CHECK (number > 0),
    at              INTEGER NOT NULL,
    status_code     INTEGER,                 -- NULL when no answer came
    error           TEXT,                    -- NULL when it arrived
    latency_ms      INTEGER NOT NULL CHECK (latency_ms >= 0),
    PRIMARY KEY (delivery_id, number)
) STRICT, WITHOUT ROWID;

INSERT INTO deliveries (id, account_id, livemode, type, job_id, url, payload, created_at, tries, next_attempt_at,
    delivered_at)
SELECT d.id, d.account_id, COALESCE(jobs.livemode, 1),
    CASE WHEN jobs.status = 'aborted' THEN 'job.aborted' ELSE 'job.completed' END,
    d.job_id, d.url, d.payload, d.created_at, d.attempts, d.next_attempt_at, d.delivered_at
FROM webhook_deliveries AS d LEFT JOIN jobs ON jobs.id = d.job_id WHERE json_valid(d.payload);
INSERT INTO delivery_attempts (delivery_id, number, at, error, latency_ms)
SELECT id, attempts, created_at, last_error, 0 FROM webhook_deliveries WHERE id IN (SELECT id FROM deliveries) AND last_error IS NOT NULL AND attempts > 0;
DROP TABLE webhook_deliveries;

CREATE INDEX deliveries_due ON deliveries (account_id, next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX deliveries_by_account ON deliveries (account_id, id);
CREATE INDEX deliveries_by_job ON deliveries (job_id) WHERE job_id IS NOT NULL;
CREATE INDEX deliveries_by_age ON deliveries (created_at);
