-- Imports: kept mappings, runs and plans, and what became of their rows.

CREATE TABLE import_profiles (
  id {key}, account_id BIGINT NOT NULL, noun {text} NOT NULL, name {text} NOT NULL, name_key {text} NOT NULL,
  columns TEXT NOT NULL, guessed BIGINT NOT NULL DEFAULT 1, updated_at {text} NOT NULL);
CREATE UNIQUE INDEX import_profiles_name ON import_profiles (account_id, noun, name_key);

CREATE TABLE imports (
  id {key}, account_id BIGINT NOT NULL, public_id {text} NOT NULL, noun {text} NOT NULL, file {text} NOT NULL,
  fingerprint {text} NOT NULL, options TEXT NOT NULL, options_hash {text} NOT NULL,
  state {text} NOT NULL,               -- running, planned, finished, abandoned
  trial BIGINT NOT NULL DEFAULT 0, plan_id BIGINT,   -- the plan that this run applies
  line BIGINT NOT NULL DEFAULT 0, done BIGINT NOT NULL DEFAULT 0, total BIGINT,
  change_set_id BIGINT, digest {text} NOT NULL DEFAULT '', counts TEXT NOT NULL DEFAULT '{}',
  differences TEXT NOT NULL DEFAULT '{}', notices TEXT NOT NULL DEFAULT '{}', raised TEXT NOT NULL DEFAULT '{}',
  memory TEXT NOT NULL DEFAULT '{}',   -- what one portion has decided for the following ones
  actor {text} NOT NULL, started_at {text} NOT NULL, finished_at {text});
CREATE UNIQUE INDEX imports_public ON imports (account_id, public_id);
CREATE INDEX imports_file ON imports (account_id, fingerprint, id);

CREATE TABLE import_rows (             -- every row of a plan; of a run those that were rejected
  import_id BIGINT NOT NULL, line BIGINT NOT NULL,
  verdict BIGINT NOT NULL,             -- 1 created, 2 changed, 3 unchanged, 4 merged, 5 rejected
  record_id BIGINT, version BIGINT, detail TEXT, PRIMARY KEY (import_id, line)) {rowless};

CREATE TABLE import_keys (             -- what a plan would make or touch: later rows of the file meet it here
  import_id BIGINT NOT NULL, kind {text} NOT NULL, key {text} NOT NULL, line BIGINT NOT NULL,
  PRIMARY KEY (import_id, kind, key)) {rowless};
