-- Templates, senders, the suppression list, and the ledger of what leaves the machine.

CREATE TABLE templates (
  id {key}, account_id BIGINT NOT NULL, public_id {text} NOT NULL, version BIGINT NOT NULL DEFAULT 1,
  change_id BIGINT, created_at {text} NOT NULL, updated_at {text} NOT NULL, deleted_at {text},
  name {text} NOT NULL, name_key {text} NOT NULL, kind {text} NOT NULL DEFAULT 'marketing', subject {text} NOT NULL,
  html TEXT, body TEXT, description {text}, custom TEXT NOT NULL DEFAULT '{}', search_text TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX templates_public ON templates (account_id, public_id);
CREATE UNIQUE INDEX templates_name ON templates (account_id, name_key) WHERE deleted_at IS NULL;

CREATE TABLE template_versions (       -- immutable: what the ledger pins
  id {key}, account_id BIGINT NOT NULL, template_id BIGINT NOT NULL, number BIGINT NOT NULL, kind {text} NOT NULL,
  subject {text} NOT NULL, html TEXT, body TEXT, digest {text} NOT NULL, UNIQUE (template_id, number));

CREATE TABLE senders (
  id {key}, account_id BIGINT NOT NULL, public_id {text} NOT NULL, version BIGINT NOT NULL DEFAULT 1,
  change_id BIGINT, created_at {text} NOT NULL, updated_at {text} NOT NULL, deleted_at {text},
  name {text} NOT NULL, name_key {text} NOT NULL, url {text} NOT NULL,   -- without its password
  from_address {text} NOT NULL, reply_to {text}, is_default BIGINT NOT NULL DEFAULT 0,
  custom TEXT NOT NULL DEFAULT '{}', search_text TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX senders_public ON senders (account_id, public_id);
CREATE UNIQUE INDEX senders_name ON senders (account_id, name_key) WHERE deleted_at IS NULL;
CREATE TABLE secrets (                 -- write-only: read by channels alone
  account_id BIGINT NOT NULL, owner {text} NOT NULL, name {text} NOT NULL, value {text} NOT NULL,
  PRIMARY KEY (account_id, owner, name));

CREATE TABLE suppressions (            -- addresses that get nothing; an erased one as a keyed hash
  id {key}, account_id BIGINT NOT NULL, public_id {text} NOT NULL, version BIGINT NOT NULL DEFAULT 1,
  change_id BIGINT, created_at {text} NOT NULL, updated_at {text} NOT NULL, deleted_at {text},
  channel {text} NOT NULL, address {text}, address_key {text} NOT NULL, reason {text} NOT NULL, source {text},
  name_key {text} NOT NULL DEFAULT '', custom TEXT NOT NULL DEFAULT '{}', search_text TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX suppressions_public ON suppressions (account_id, public_id);
CREATE UNIQUE INDEX suppressions_key ON suppressions (account_id, channel, address_key) WHERE deleted_at IS NULL;

CREATE TABLE outbox (                  -- the ledger: one row per recipient and message
  id {key}, account_id BIGINT NOT NULL, channel BIGINT NOT NULL,
  source BIGINT NOT NULL,              -- 1 enrollment, 2 campaign, 3 a person or a program
  source_id BIGINT NOT NULL, seq BIGINT NOT NULL, part BIGINT NOT NULL DEFAULT 0,
  subject_id BIGINT NOT NULL,          -- the contact, or 0
  state BIGINT NOT NULL DEFAULT 0,     -- 0 queued, 1 claimed, 2 sending, 3 sent, 4 deferred, 5 failed, 6 unknown, 7 skipped, 8 undone
  available_at BIGINT NOT NULL, lease_until BIGINT, worker_id BIGINT, attempts BIGINT NOT NULL DEFAULT 0,
  deaths BIGINT NOT NULL DEFAULT 0,    -- how often a program died with it before it was sending
  detail TEXT,                         -- what the sender needs: template version, sender, step, overrides
  UNIQUE (source, source_id, seq, part));
CREATE INDEX outbox_ready ON outbox (channel, available_at) WHERE state IN (0, 4);
CREATE INDEX outbox_leased ON outbox (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX outbox_subject ON outbox (subject_id, id);

CREATE TABLE message_details (         -- cold: what became of a row of the outbox
  outbox_id {owned}, account_id BIGINT NOT NULL, address {text}, sender_id BIGINT,
  template_version_id BIGINT, message_id {text}, hash {text}, subject {text}, reason {text}, rule {text},
  code {text}, answer TEXT, at BIGINT NOT NULL, sent_at BIGINT, rendered TEXT);
CREATE INDEX message_details_mail ON message_details (message_id) WHERE message_id IS NOT NULL;
