-- Accounts, users, the dictionary of words, change sets, the event log and what feeds from it.

CREATE TABLE words (                   -- nouns, event names, origins, channels, step kinds
  id {key}, kind {text} NOT NULL, name {text} NOT NULL, UNIQUE (kind, name));

CREATE TABLE accounts (
  id {key}, public_id {text} NOT NULL UNIQUE, name {text} NOT NULL, name_key {text} NOT NULL,
  zone {text} NOT NULL, currency {text} NOT NULL, country {text} NOT NULL, locale {text} NOT NULL,
  postal_address {text} NOT NULL DEFAULT '', settings TEXT NOT NULL DEFAULT '{}',
  version BIGINT NOT NULL DEFAULT 1, created_at {text} NOT NULL, updated_at {text} NOT NULL);

CREATE TABLE users (                   -- colleagues; a login comes with accounts of a server
  id {key}, account_id BIGINT NOT NULL, public_id {text} NOT NULL, version BIGINT NOT NULL DEFAULT 1,
  change_id BIGINT, created_at {text} NOT NULL, updated_at {text} NOT NULL, deleted_at {text},
  name {text} NOT NULL DEFAULT '', name_key {text} NOT NULL DEFAULT '', email {text}, email_key {text},
  zone {text}, active BIGINT NOT NULL DEFAULT 1, external_id {text}, manager {text}, office {text},
  custom TEXT NOT NULL DEFAULT '{}', search_text TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX users_public ON users (account_id, public_id);
CREATE UNIQUE INDEX users_email ON users (account_id, email_key) WHERE email_key IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX users_deleted ON users (account_id, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX users_name ON users (account_id, name_key, id) WHERE deleted_at IS NULL;
CREATE INDEX users_updated ON users (account_id, updated_at, id) WHERE deleted_at IS NULL;

CREATE TABLE tokens (                  -- bearer tokens of the API, stored as hashes
  id {key}, account_id BIGINT NOT NULL, user_id BIGINT, name {text} NOT NULL, hash {text} NOT NULL UNIQUE,
  prefix {text} NOT NULL, created_at {text} NOT NULL, expires_at {text}, revoked_at {text});

CREATE TABLE change_sets (             -- one command, import, merge, batch, or step group of a workflow
  id {key}, account_id BIGINT NOT NULL, actor {text} NOT NULL, user_id BIGINT, origin BIGINT NOT NULL,
  at BIGINT NOT NULL, name {text}, reason TEXT, step_id BIGINT, event_id BIGINT,
  undoes BIGINT, undone_by BIGINT, open_until BIGINT);
CREATE INDEX change_sets_undoes ON change_sets (undoes) WHERE undoes IS NOT NULL;

CREATE TABLE changes (                 -- what a record was before
  id {key}, prev_id BIGINT, change_set_id BIGINT NOT NULL, noun BIGINT NOT NULL, record_id BIGINT NOT NULL,
  kind BIGINT NOT NULL,                -- 1 created, 2 changed, 3 deleted, 4 restored
  version BIGINT, enrollment_id BIGINT, before TEXT, after TEXT);
CREATE INDEX changes_set ON changes (change_set_id, id);

CREATE TABLE listeners (               -- event names that an active workflow uses
  event_name BIGINT NOT NULL, workflow_id BIGINT NOT NULL, account_id BIGINT NOT NULL,
  PRIMARY KEY (event_name, workflow_id));

CREATE TABLE events (                  -- what happened; a record change by its id, else a payload of its own
  id {key}, position BIGINT, account_id BIGINT NOT NULL, name BIGINT NOT NULL,
  noun BIGINT, subject_id BIGINT, person_id BIGINT, at BIGINT NOT NULL,
  depth BIGINT NOT NULL DEFAULT 0, enrollment_id BIGINT, change_id BIGINT, payload TEXT);
CREATE UNIQUE INDEX events_position ON events (position) WHERE position IS NOT NULL;
CREATE INDEX events_person ON events (person_id, id) WHERE person_id IS NOT NULL;
CREATE INDEX events_unplaced ON events (id) WHERE position IS NULL;

CREATE TABLE inbox (                   -- events somebody listens to; deleted when handled
  id {key}, shard BIGINT NOT NULL, event_id BIGINT NOT NULL,
  passed_on BIGINT NOT NULL DEFAULT 0); -- by another shard, for those who wait in this one
CREATE INDEX inbox_shard ON inbox (shard, id);

CREATE TABLE cursors (reader {text} NOT NULL PRIMARY KEY, position BIGINT NOT NULL);

CREATE TABLE field_definitions (       -- custom fields
  id {key}, account_id BIGINT NOT NULL, public_id {text} NOT NULL, version BIGINT NOT NULL DEFAULT 1,
  change_id BIGINT, created_at {text} NOT NULL, updated_at {text} NOT NULL, deleted_at {text},
  noun {text} NOT NULL, name {text} NOT NULL, name_key {text} NOT NULL, label {text}, type {text} NOT NULL,
  choices TEXT, indexed BIGINT NOT NULL DEFAULT 0, description {text},
  custom TEXT NOT NULL DEFAULT '{}', search_text TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX field_definitions_public ON field_definitions (account_id, public_id);
CREATE UNIQUE INDEX field_definitions_name ON field_definitions (account_id, noun, name_key) WHERE deleted_at IS NULL;

CREATE TABLE field_values (            -- values of custom fields declared indexed
  field_id BIGINT NOT NULL, record_id BIGINT NOT NULL, text_key {text}, number_key DOUBLE PRECISION,
  PRIMARY KEY (field_id, record_id));
CREATE INDEX field_values_text ON field_values (field_id, text_key, record_id);
CREATE INDEX field_values_number ON field_values (field_id, number_key, record_id);
