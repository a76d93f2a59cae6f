-- The library: what is needed to find and count among a hundred thousand jobs and assets of one account.

-- The prompt and the voice text, folded (see `domain::search`): a text of our own, since SQLite folds ASCII only.
ALTER TABLE jobs ADD COLUMN search_text TEXT NOT NULL DEFAULT '';
-- The file's name and the texts of the job that made it, folded alike.
ALTER TABLE assets ADD COLUMN search_text TEXT NOT NULL DEFAULT '';

-- Each holds all that lists, filters, searches and timelines look at, so that only the rows that are shown are read.
-- The newest comes first when an index is read backwards: ids sort by creation.
DROP INDEX jobs_by_account;
CREATE INDEX jobs_library ON jobs (account_id, livemode, id, created_at, mode, status, search_text);
DROP INDEX assets_by_account;
CREATE INDEX assets_library ON assets (account_id, livemode, id, created_at, kind, job_id, sha256, search_text);

-- The operator looks for what went wrong among everyone's jobs; that is rare, and the rest is found by walking back.
CREATE INDEX jobs_aborted ON jobs (id) WHERE status = 'aborted';
