-- Workflows, their versions, and the hot tables of the engine. Hot tables count time in milliseconds UTC.

CREATE TABLE workflows (
  id {key}, account_id BIGINT NOT NULL, public_id {text} NOT NULL, version BIGINT NOT NULL DEFAULT 1,
  change_id BIGINT, created_at {text} NOT NULL, updated_at {text} NOT NULL, deleted_at {text},
  name {text} NOT NULL, name_key {text} NOT NULL, description {text}, status {text} NOT NULL DEFAULT 'draft',
  subject {text} NOT NULL DEFAULT 'contact', re_entry {text} NOT NULL DEFAULT 'never',
  version_id BIGINT,                   -- the version that new people enter
  custom TEXT NOT NULL DEFAULT '{}', search_text TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX workflows_public ON workflows (account_id, public_id);
CREATE UNIQUE INDEX workflows_name ON workflows (account_id, name_key) WHERE deleted_at IS NULL;

CREATE TABLE workflow_versions (       -- immutable
  id {key}, account_id BIGINT NOT NULL, workflow_id BIGINT NOT NULL, number BIGINT NOT NULL,
  definition TEXT NOT NULL, source TEXT, digest {text} NOT NULL, created_at {text} NOT NULL,
  UNIQUE (workflow_id, number));

CREATE TABLE workflow_steps (          -- a version flattened, for SQL to join; the id is global
  id {key}, version_id BIGINT NOT NULL REFERENCES workflow_versions (id),
  name {text} NOT NULL, kind BIGINT NOT NULL, next_id BIGINT, other_id BIGINT, goto_id BIGINT,
  position BIGINT NOT NULL, arguments TEXT NOT NULL, policy TEXT, UNIQUE (version_id, name));

CREATE TABLE workflow_triggers (
  id {key}, account_id BIGINT NOT NULL, workflow_id BIGINT NOT NULL, version_id BIGINT NOT NULL,
  event_name BIGINT, cron {text}, zone {text}, next_at BIGINT, arguments TEXT NOT NULL);
CREATE INDEX workflow_triggers_event ON workflow_triggers (account_id, event_name) WHERE event_name IS NOT NULL;
CREATE INDEX workflow_triggers_next ON workflow_triggers (next_at) WHERE next_at IS NOT NULL;

CREATE TABLE step_moves (              -- in-flight edits: from a step, for a new version, to a step (null: exit)
  step_id BIGINT NOT NULL, version_id BIGINT NOT NULL, to_step_id BIGINT, PRIMARY KEY (step_id, version_id));

CREATE TABLE enrollments (             -- hot and narrow
  id {key}, account_id BIGINT NOT NULL, workflow_id BIGINT NOT NULL,
  object_id BIGINT NOT NULL DEFAULT 0, -- row key of the workflow's subject; 0 for a run about nothing
  person_id BIGINT,
  slot BIGINT NOT NULL DEFAULT 0,      -- re-entry: 0, a key's row, or a counter
  shard BIGINT NOT NULL,
  state BIGINT NOT NULL DEFAULT 1,     -- 1 live, 2 parked, 3 done, 4 exited, 5 failed
  step_id BIGINT,
  run_at BIGINT,                       -- when to look; null: never (ended, parked, held)
  due_at BIGINT,                       -- the due time kept while held
  hop BIGINT NOT NULL DEFAULT 0, attempt BIGINT NOT NULL DEFAULT 0,
  depth BIGINT NOT NULL DEFAULT 0,     -- how many workflows started one another to get here
  rested BIGINT NOT NULL DEFAULT 0,    -- the hop after which it last waited
  journal_id BIGINT) {fill};
CREATE INDEX enrollments_due ON enrollments (shard, run_at) WHERE run_at IS NOT NULL;
CREATE UNIQUE INDEX enrollments_live ON enrollments (workflow_id, object_id, slot) WHERE state < 3;
CREATE INDEX enrollments_person ON enrollments (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX enrollments_object ON enrollments (object_id) WHERE person_id IS NULL;

CREATE TABLE enrollment_details (      -- cold: written at entry, and by steps that set variables
  enrollment_id {owned}, public_id {text} NOT NULL UNIQUE, entered_at BIGINT NOT NULL,
  reentry_key {text}, event_id BIGINT, ended_at BIGINT, outcome {text},
  context TEXT NOT NULL DEFAULT '{}');

CREATE TABLE reentry_keys (
  id {key}, workflow_id BIGINT NOT NULL, key {text} NOT NULL, UNIQUE (workflow_id, key));

CREATE TABLE journal (                 -- append-only: which step a person took
  id {key}, prev_id BIGINT, enrollment_id BIGINT NOT NULL, hop BIGINT NOT NULL, step_id BIGINT NOT NULL,
  at BIGINT NOT NULL,
  outcome BIGINT NOT NULL,             -- 1 done, 2 skipped, 3 branch taken, 4 other branch, 5 waiting, 6 retried, 7 failed, 8 exited, 9 moved
  detail TEXT);

CREATE TABLE waits (                   -- subscriptions; the time-out is the enrollment's run_at
  enrollment_id BIGINT NOT NULL,
  noun BIGINT NOT NULL, subject_id BIGINT NOT NULL, -- of which record; 0 and the account: of any
  event_name BIGINT NOT NULL,          -- 0: any event, for a condition that is tested again
  step_id BIGINT NOT NULL, since BIGINT NOT NULL, filtered BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (enrollment_id, noun)) {rowless};
CREATE INDEX waits_match ON waits (subject_id, noun, event_name);

CREATE TABLE hurries (                 -- workflows whose people are to be looked at now, and how far that is done
  workflow_id {owned}, everybody BIGINT NOT NULL, after_object BIGINT NOT NULL DEFAULT -1,
  after_slot BIGINT NOT NULL DEFAULT -1);

CREATE TABLE workers (
  id {key}, name {text} NOT NULL, started_at BIGINT NOT NULL, beat_at BIGINT NOT NULL,
  trial TEXT);                         -- the groups that are tried apart, so that a death tells which killed it

CREATE TABLE trigger_misses (          -- a capped sample of triggers that did not fire, and why
  id {key}, account_id BIGINT NOT NULL, workflow_id BIGINT NOT NULL, trigger_id BIGINT NOT NULL,
  event_id BIGINT NOT NULL, object_id BIGINT, at BIGINT NOT NULL, reason {text} NOT NULL, trace TEXT);
CREATE INDEX trigger_misses_object ON trigger_misses (workflow_id, object_id);
