-- Version 1. Times are milliseconds since the Unix epoch, UTC. Digests are 64 lower-case hex digits.
-- Released migrations never change: a new version is a new file.

PRAGMA application_id = 0x4d50584c; -- 'MPXL': lets us refuse a database that is not ours

---------------------------------------------------------------- people

CREATE TABLE accounts (
    id              TEXT    PRIMARY KEY NOT NULL CHECK (id GLOB 'acc_*'),
    email           TEXT    NOT NULL,
    email_key       TEXT    NOT NULL UNIQUE, -- the e-mail address in lower case
    password_hash   TEXT    NOT NULL,
    is_admin        INTEGER NOT NULL CHECK (is_admin IN (0, 1)),
    is_disabled     INTEGER NOT NULL DEFAULT 0 CHECK (is_disabled IN (0, 1)),
    created_at      INTEGER NOT NULL,
    plan            TEXT    NOT NULL,
    plan_anchor     INTEGER NOT NULL,        -- when the plan was taken: grants fall on this day of each month
    grants_given    INTEGER NOT NULL DEFAULT 0 CHECK (grants_given >= 0),
    next_grant_at   INTEGER NOT NULL,
    pending_plan    TEXT,                    -- asked for, waiting for the operator
    pending_since   INTEGER,
    CHECK ((pending_plan IS NULL) = (pending_since IS NULL))
) STRICT;
CREATE INDEX accounts_by_grant ON accounts (next_grant_at) WHERE is_disabled = 0;

CREATE TABLE sessions (
    id              TEXT    PRIMARY KEY NOT NULL,
    account_id      TEXT    NOT NULL REFERENCES accounts (id),
    token_hash      TEXT    NOT NULL UNIQUE CHECK (length(token_hash) = 64),
    label           TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    last_seen_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_by_account ON sessions (account_id);

CREATE TABLE keys (
    id              TEXT    PRIMARY KEY NOT NULL,
    account_id      TEXT    NOT NULL REFERENCES accounts (id),
    name            TEXT    NOT NULL,
    livemode        INTEGER NOT NULL CHECK (livemode IN (0, 1)),
    secret_hash     TEXT    NOT NULL CHECK (length(secret_hash) = 64),
    created_at      INTEGER NOT NULL,
    last_used_at    INTEGER,
    revoked_at      INTEGER
) STRICT;
CREATE INDEX keys_by_account ON keys (account_id);

---------------------------------------------------------------- media

CREATE TABLE blobs (
    sha256          TEXT    PRIMARY KEY NOT NULL CHECK (length(sha256) = 64),
    bytes           INTEGER NOT NULL CHECK (bytes >= 0),
    owners          INTEGER NOT NULL DEFAULT 0 CHECK (owners >= 0) -- assets that name it, kept by the triggers below
) STRICT;

CREATE TABLE assets (
    id              TEXT    PRIMARY KEY NOT NULL,
    account_id      TEXT    NOT NULL REFERENCES accounts (id),
    livemode        INTEGER NOT NULL CHECK (livemode IN (0, 1)),
    kind            TEXT    NOT NULL CHECK (kind IN ('image', 'audio', 'video')),
    sha256          TEXT    NOT NULL REFERENCES blobs (sha256),
    content_type    TEXT    NOT NULL,
    width           INTEGER CHECK (width > 0),
    height          INTEGER CHECK (height > 0),
    duration_seconds REAL   CHECK (duration_seconds >= 0),
    file_name       TEXT,
    job_id          TEXT,                    -- the job that made it; NULL for an upload. The job may be deleted before it
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER,
    CHECK ((width IS NULL) = (height IS NULL))
) STRICT;
CREATE INDEX assets_by_account ON assets (account_id, livemode, id);
CREATE INDEX assets_by_blob ON assets (sha256);
CREATE INDEX assets_by_expiry ON assets (expires_at) WHERE expires_at IS NOT NULL;

-- What retention took away: asked for again, it answers "gone", not "never was".
CREATE TABLE expired_assets (
    id              TEXT    PRIMARY KEY NOT NULL,
    account_id      TEXT    NOT NULL REFERENCES accounts (id),
    livemode        INTEGER NOT NULL CHECK (livemode IN (0, 1)),
    expired_at      INTEGER NOT NULL
) STRICT;

CREATE TRIGGER assets_take_blob AFTER INSERT ON assets BEGIN
    UPDATE blobs SET owners = owners + 1 WHERE sha256 = NEW.sha256;
END;
CREATE TRIGGER assets_leave_blob AFTER DELETE ON assets BEGIN
    UPDATE blobs SET owners = owners - 1 WHERE sha256 = OLD.sha256;
    DELETE FROM blobs WHERE sha256 = OLD.sha256 AND owners = 0;
END;
CREATE TRIGGER assets_keep_blob BEFORE UPDATE OF id, account_id, livemode, sha256 ON assets BEGIN
    SELECT RAISE(ABORT, 'an asset keeps its owner and its bytes');
END;
CREATE TRIGGER assets_in_use BEFORE DELETE ON assets
WHEN EXISTS (
    SELECT 1 FROM job_inputs JOIN jobs ON jobs.id = job_inputs.job_id
    WHERE job_inputs.asset_id = OLD.id AND jobs.status IN ('queued', 'running')
) BEGIN
    SELECT RAISE(ABORT, 'a queued or running job needs this asset');
END;

---------------------------------------------------------------- jobs

CREATE TABLE jobs (
    id              TEXT    PRIMARY KEY NOT NULL,
    account_id      TEXT    NOT NULL REFERENCES accounts (id),
    key_id          TEXT    REFERENCES keys (id),
    livemode        INTEGER NOT NULL CHECK (livemode IN (0, 1)),
    mode            TEXT    NOT NULL CHECK (mode IN ('text_to_image', 'image_to_image', 'audio', 'image_to_video')),
    status          TEXT    NOT NULL CHECK (status IN ('queued', 'running', 'completed', 'aborted')),
    attempt         INTEGER NOT NULL CHECK (attempt >= 0),
    charged         INTEGER CHECK (charged >= 0),
    abort_code      TEXT,
    abort_message   TEXT,
    held            INTEGER NOT NULL CHECK (held >= 0),
    request         TEXT    NOT NULL CHECK (json_valid(request)),
    model           TEXT    NOT NULL,
    model_digest    TEXT    NOT NULL,
    seed            INTEGER NOT NULL CHECK (seed BETWEEN 0 AND 4294967295),
    estimated_seconds REAL  NOT NULL CHECK (estimated_seconds >= 0),
    metadata        TEXT    NOT NULL CHECK (json_valid(metadata)),
    webhook_url     TEXT,
    result_asset_id TEXT,                    -- stays when the asset is deleted or expires
    plan            TEXT    CHECK (json_valid(plan)),
    motion          TEXT,
    warnings        TEXT    NOT NULL DEFAULT '[]' CHECK (json_valid(warnings)),
    timings         TEXT    CHECK (json_valid(timings)),
    created_at      INTEGER NOT NULL,
    started_at      INTEGER,
    finished_at     INTEGER,
    CHECK ((status = 'completed') = (charged IS NOT NULL)),
    CHECK ((status = 'completed') = (result_asset_id IS NOT NULL)),
    CHECK ((status = 'aborted') = (abort_code IS NOT NULL)),
    CHECK ((status = 'aborted') = (abort_message IS NOT NULL)),
    CHECK ((status IN ('completed', 'aborted')) = (finished_at IS NOT NULL)),
    CHECK (status NOT IN ('running', 'completed') OR (attempt > 0 AND started_at IS NOT NULL)),
    CHECK (status <> 'queued' OR started_at IS NULL),
    CHECK (charged IS NULL OR charged <= held),
    CHECK (livemode = 1 OR held = 0)         -- test keys spend nothing
) STRICT;
CREATE INDEX jobs_by_account ON jobs (account_id, livemode, id);
CREATE INDEX jobs_queued ON jobs (account_id, id, livemode, estimated_seconds) WHERE status = 'queued';
CREATE INDEX jobs_running ON jobs (started_at, id) WHERE status = 'running';
CREATE INDEX jobs_by_finish ON jobs (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE job_inputs (
    job_id          TEXT    NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    role            TEXT    NOT NULL CHECK (role IN ('image', 'audio', 'video')),
    asset_id        TEXT    NOT NULL REFERENCES assets (id) ON DELETE CASCADE,
    PRIMARY KEY (job_id, role, asset_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_inputs_by_asset ON job_inputs (asset_id);

-- Whose turn it is: the account served longest ago comes first.
CREATE TABLE queue_turns (
    account_id      TEXT    PRIMARY KEY NOT NULL REFERENCES accounts (id),
    turn            INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER jobs_begin_queued BEFORE INSERT ON jobs
WHEN NEW.status <> 'queued' OR NEW.attempt <> 0 BEGIN
    SELECT RAISE(ABORT, 'a job begins queued');
END;
CREATE TRIGGER jobs_keep_identity
BEFORE UPDATE OF id, account_id, livemode, mode, held, request, model, model_digest, seed, created_at ON jobs BEGIN
    SELECT RAISE(ABORT, 'what a job is does not change');
END;
CREATE TRIGGER jobs_stay_finished BEFORE UPDATE OF status ON jobs
WHEN OLD.status IN ('completed', 'aborted') BEGIN
    SELECT RAISE(ABORT, 'a finished job stays finished');
END;
CREATE TRIGGER jobs_finish_resolved BEFORE UPDATE OF status ON jobs
WHEN NEW.status IN ('completed', 'aborted')
    AND EXISTS (SELECT 1 FROM holds WHERE job_id = OLD.id AND resolved_at IS NULL) BEGIN
    SELECT RAISE(ABORT, 'a job cannot finish while its credits are held');
END;
CREATE TRIGGER jobs_leave_resolved BEFORE DELETE ON jobs
WHEN OLD.status = 'running' OR EXISTS (SELECT 1 FROM holds WHERE job_id = OLD.id AND resolved_at IS NULL) BEGIN
    SELECT RAISE(ABORT, 'a job cannot go while it runs or its credits are held');
END;

CREATE TABLE idempotency (
    account_id      TEXT    NOT NULL REFERENCES accounts (id),
    livemode        INTEGER NOT NULL CHECK (livemode IN (0, 1)),
    key             TEXT    NOT NULL,
    request_hash    TEXT    NOT NULL CHECK (length(request_hash) = 64),
    response_status INTEGER,                 -- NULL while the first request is being answered
    response_body   TEXT    CHECK (json_valid(response_body)),
    created_at      INTEGER NOT NULL,
    PRIMARY KEY (account_id, livemode, key),
    CHECK ((response_status IS NULL) = (response_body IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency (created_at);

---------------------------------------------------------------- money

-- One row a job that was accepted with a live key; it outlives the job.
CREATE TABLE holds (
    job_id          TEXT    PRIMARY KEY NOT NULL,
    account_id      TEXT    NOT NULL REFERENCES accounts (id),
    mode            TEXT    NOT NULL,
    from_signup     INTEGER NOT NULL CHECK (from_signup >= 0),
    from_available  INTEGER NOT NULL CHECK (from_available >= 0),
    created_at      INTEGER NOT NULL,
    resolved_at     INTEGER,
    charged         INTEGER CHECK (charged BETWEEN 0 AND from_signup + from_available),
    CHECK ((resolved_at IS NULL) = (charged IS NULL))
) STRICT;
CREATE INDEX holds_by_resolution ON holds (account_id, resolved_at);

-- The ledger. Credits move from the debit purse to the credit purse; `issued` and `revenue` are the appliance's own,
-- the others belong to the account.
CREATE TABLE transfers (
    seq             INTEGER PRIMARY KEY NOT NULL,
    id              TEXT    NOT NULL UNIQUE,
    created_at      INTEGER NOT NULL,
    account_id      TEXT    NOT NULL REFERENCES accounts (id),
    kind            TEXT    NOT NULL,
    debit           TEXT    NOT NULL,
    credit          TEXT    NOT NULL,
    amount          INTEGER NOT NULL CHECK (amount > 0),
    job_id          TEXT    REFERENCES holds (job_id),
    grant_anchor    INTEGER,
    grant_index     INTEGER,
    note            TEXT    NOT NULL DEFAULT '',
    prev_hash       TEXT    NOT NULL CHECK (length(prev_hash) = 64),
    hash            TEXT    NOT NULL UNIQUE CHECK (length(hash) = 64),
    CHECK (CASE kind
        WHEN 'signup_grant'   THEN debit = 'issued' AND credit = 'signup'
        WHEN 'monthly_grant'  THEN debit = 'issued' AND credit = 'available'
        WHEN 'operator_grant' THEN debit = 'issued' AND credit = 'available'
        WHEN 'hold'           THEN debit IN ('signup', 'available') AND credit = 'held'
        WHEN 'charge'         THEN debit = 'held' AND credit = 'revenue'
        WHEN 'release'        THEN debit = 'held' AND credit IN ('signup', 'available')
        ELSE 0 END),
    CHECK ((kind IN ('hold', 'charge', 'release')) = (job_id IS NOT NULL)),
    CHECK ((kind = 'monthly_grant') = (grant_anchor IS NOT NULL)),
    CHECK ((kind = 'monthly_grant') = (grant_index IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX transfers_one_signup_grant ON transfers (account_id) WHERE kind = 'signup_grant';
CREATE UNIQUE INDEX transfers_one_monthly_grant ON transfers (account_id, grant_anchor, grant_index)
    WHERE kind = 'monthly_grant';
CREATE UNIQUE INDEX transfers_one_a_part ON transfers (job_id, kind, debit, credit) WHERE job_id IS NOT NULL;
CREATE INDEX transfers_by_account ON transfers (account_id, seq);

CREATE TABLE balances (
    account_id      TEXT    PRIMARY KEY NOT NULL REFERENCES accounts (id),
    signup          INTEGER NOT NULL DEFAULT 0,
    available       INTEGER NOT NULL DEFAULT 0,
    held            INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT no_overdraft CHECK (signup >= 0 AND available >= 0 AND held >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE system_balances (
    only_row        INTEGER PRIMARY KEY NOT NULL CHECK (only_row = 1),
    issued          INTEGER NOT NULL CHECK (issued >= 0), -- everything ever granted
    revenue         INTEGER NOT NULL CHECK (revenue >= 0)
) STRICT;
INSERT INTO system_balances VALUES (1, 0, 0);

CREATE TRIGGER accounts_open_balance AFTER INSERT ON accounts BEGIN
    INSERT INTO balances (account_id) VALUES (NEW.id);
END;
CREATE TRIGGER transfers_chain BEFORE INSERT ON transfers
WHEN NEW.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM transfers)
    OR NEW.prev_hash <> COALESCE(
        (SELECT hash FROM transfers ORDER BY seq DESC LIMIT 1),
        '0000000000000000000000000000000000000000000000000000000000000000') BEGIN
    SELECT RAISE(ABORT, 'a transfer follows the one before it');
END;
CREATE TRIGGER transfers_need_hold BEFORE INSERT ON transfers
WHEN NEW.job_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM holds WHERE job_id = NEW.job_id AND account_id = NEW.account_id AND resolved_at IS NULL) BEGIN
    SELECT RAISE(ABORT, 'a job''s credits move only while its hold is open');
END;
CREATE TRIGGER transfers_move AFTER INSERT ON transfers BEGIN
    UPDATE balances SET
        signup = signup + NEW.amount * ((NEW.credit = 'signup') - (NEW.debit = 'signup')),
        available = available + NEW.amount * ((NEW.credit = 'available') - (NEW.debit = 'available')),
        held = held + NEW.amount * ((NEW.credit = 'held') - (NEW.debit = 'held'))
    WHERE account_id = NEW.account_id;
    UPDATE system_balances SET
        issued = issued + NEW.amount * (NEW.debit = 'issued'),
        revenue = revenue + NEW.amount * (NEW.credit = 'revenue');
END;
CREATE TRIGGER transfers_never_change BEFORE UPDATE ON transfers BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER transfers_never_go BEFORE DELETE ON transfers BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER holds_begin_open BEFORE INSERT ON holds WHEN NEW.resolved_at IS NOT NULL BEGIN
    SELECT RAISE(ABORT, 'a hold begins open');
END;
CREATE TRIGGER holds_resolve_once BEFORE UPDATE ON holds
WHEN OLD.resolved_at IS NOT NULL OR NEW.resolved_at IS NULL
    OR NEW.job_id <> OLD.job_id OR NEW.account_id <> OLD.account_id OR NEW.mode <> OLD.mode
    OR NEW.from_signup <> OLD.from_signup OR NEW.from_available <> OLD.from_available
    OR NEW.created_at <> OLD.created_at BEGIN
    SELECT RAISE(ABORT, 'a hold is resolved once and changes in no other way');
END;
CREATE TRIGGER holds_resolve_whole BEFORE UPDATE OF resolved_at ON holds
WHEN NEW.charged <> (SELECT COALESCE(SUM(amount), 0) FROM transfers WHERE job_id = OLD.job_id AND kind = 'charge')
    OR OLD.from_signup + OLD.from_available <>
        (SELECT COALESCE(SUM(amount), 0) FROM transfers WHERE job_id = OLD.job_id AND kind IN ('charge', 'release'))
    OR OLD.from_signup + OLD.from_available <>
        (SELECT COALESCE(SUM(amount), 0) FROM transfers WHERE job_id = OLD.job_id AND kind = 'hold') BEGIN
    SELECT RAISE(ABORT, 'a resolution accounts for every held credit');
END;
CREATE TRIGGER holds_never_go BEFORE DELETE ON holds BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;

---------------------------------------------------------------- the house

CREATE TABLE webhook_deliveries (
    id              TEXT    PRIMARY KEY NOT NULL, -- the webhook-id header: the same on every attempt
    account_id      TEXT    NOT NULL REFERENCES accounts (id),
    job_id          TEXT    NOT NULL,
    url             TEXT    NOT NULL,
    payload         TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_attempt_at INTEGER,                 -- NULL once delivered or given up
    delivered_at    INTEGER,
    last_error      TEXT,
    CHECK (delivered_at IS NULL OR next_attempt_at IS NULL)
) STRICT;
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_at) WHERE next_attempt_at IS NOT NULL;

CREATE TABLE settings (
    name            TEXT    PRIMARY KEY NOT NULL,
    value           TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    at              INTEGER NOT NULL,
    actor           TEXT    NOT NULL,
    action          TEXT    NOT NULL,
    subject         TEXT    NOT NULL,
    detail          TEXT    NOT NULL CHECK (json_valid(detail))
) STRICT;
