-- Contacts, companies, pipelines, deals and what hangs on them.

CREATE TABLE contact_records (
  id {key}, account_id BIGINT NOT NULL, public_id {text} NOT NULL, version BIGINT NOT NULL DEFAULT 1,
  change_id BIGINT, created_at {text} NOT NULL, updated_at {text} NOT NULL, deleted_at {text},
  first_name {text}, last_name {text}, name_key {text} NOT NULL DEFAULT '',
  job_title {text}, street {text}, city {text}, state {text}, postal_code {text}, country {text},
  website {text}, source {text}, birthday {text}, zone {text}, locale {text}, external_id {text},
  lifecycle_stage {text}, lead_score BIGINT NOT NULL DEFAULT 0, owner_id BIGINT,
  dnd TEXT NOT NULL DEFAULT '[]',      -- channels that must not be used
  last_activity_at {text} NOT NULL DEFAULT '', merged_into BIGINT,
  custom TEXT NOT NULL DEFAULT '{}', search_text TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX contacts_public ON contact_records (account_id, public_id);
CREATE INDEX contacts_deleted ON contact_records (account_id, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX contacts_name ON contact_records (account_id, name_key, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_updated ON contact_records (account_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_score ON contact_records (account_id, lead_score, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_activity ON contact_records (account_id, last_activity_at, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_owner ON contact_records (owner_id, id) WHERE owner_id IS NOT NULL;
CREATE INDEX contacts_external ON contact_records (account_id, external_id) WHERE external_id IS NOT NULL;

CREATE TABLE contact_addresses (       -- kind 1 e-mail, 2 phone
  contact_id BIGINT NOT NULL, kind BIGINT NOT NULL, key {text} NOT NULL, account_id BIGINT NOT NULL,
  address {text} NOT NULL, label {text}, is_primary BIGINT NOT NULL DEFAULT 0, live BIGINT NOT NULL DEFAULT 1,
  position BIGINT NOT NULL DEFAULT 0, PRIMARY KEY (contact_id, kind, key)) {rowless};
CREATE UNIQUE INDEX contact_addresses_email ON contact_addresses (account_id, key) WHERE kind = 1 AND live = 1;
CREATE INDEX contact_addresses_gone ON contact_addresses (account_id, key) WHERE kind = 1 AND live = 0;
CREATE INDEX contact_addresses_phone ON contact_addresses (account_id, key) WHERE kind = 2;

CREATE TABLE aliases (                 -- ids of merged records live on
  account_id BIGINT NOT NULL, noun BIGINT NOT NULL, public_id {text} NOT NULL, record_id BIGINT NOT NULL,
  change_set_id BIGINT NOT NULL, PRIMARY KEY (account_id, noun, public_id));

CREATE TABLE not_duplicates (          -- pairs a person has judged; the smaller row key first
  account_id BIGINT NOT NULL, left_id BIGINT NOT NULL, right_id BIGINT NOT NULL, at {text} NOT NULL,
  actor {text} NOT NULL, PRIMARY KEY (account_id, left_id, right_id));

CREATE TABLE contact_followers (
  contact_id BIGINT NOT NULL, user_id BIGINT NOT NULL, PRIMARY KEY (contact_id, user_id)) {rowless};
CREATE INDEX contact_followers_user ON contact_followers (user_id, contact_id);

CREATE TABLE tags (
  id {key}, account_id BIGINT NOT NULL, public_id {text} NOT NULL, version BIGINT NOT NULL DEFAULT 1,
  change_id BIGINT, created_at {text} NOT NULL, updated_at {text} NOT NULL, deleted_at {text},
  name {text} NOT NULL, name_key {text} NOT NULL, description {text},
  custom TEXT NOT NULL DEFAULT '{}', search_text TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX tags_public ON tags (account_id, public_id);
CREATE INDEX tags_deleted ON tags (account_id, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX tags_updated ON tags (account_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX tags_name ON tags (account_id, name_key) WHERE deleted_at IS NULL;

CREATE TABLE contact_tags (
  contact_id BIGINT NOT NULL, tag_id BIGINT NOT NULL, PRIMARY KEY (contact_id, tag_id)) {rowless};
CREATE INDEX contact_tags_tag ON contact_tags (tag_id, contact_id);
CREATE TABLE company_tags (
  company_id BIGINT NOT NULL, tag_id BIGINT NOT NULL, PRIMARY KEY (company_id, tag_id)) {rowless};
CREATE INDEX company_tags_tag ON company_tags (tag_id, company_id);
CREATE TABLE deal_tags (
  deal_id BIGINT NOT NULL, tag_id BIGINT NOT NULL, PRIMARY KEY (deal_id, tag_id)) {rowless};
CREATE INDEX deal_tags_tag ON deal_tags (tag_id, deal_id);

CREATE TABLE company_records (
  id {key}, account_id BIGINT NOT NULL, public_id {text} NOT NULL, version BIGINT NOT NULL DEFAULT 1,
  change_id BIGINT, created_at {text} NOT NULL, updated_at {text} NOT NULL, deleted_at {text},
  name {text} NOT NULL DEFAULT '', name_key {text} NOT NULL DEFAULT '', domain {text}, domain_key {text},
  phone {text}, website {text}, industry {text}, employees BIGINT, founded BIGINT,
  revenue BIGINT NOT NULL DEFAULT 0, revenue_currency {text} NOT NULL DEFAULT '',
  street {text}, city {text}, state {text}, postal_code {text}, country {text}, description {text},
  external_id {text}, parent_id BIGINT, owner_id BIGINT,
  custom TEXT NOT NULL DEFAULT '{}', search_text TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX companies_public ON company_records (account_id, public_id);
CREATE INDEX companies_deleted ON company_records (account_id, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX companies_name ON company_records (account_id, name_key, id) WHERE deleted_at IS NULL;
CREATE INDEX companies_domain ON company_records (account_id, domain_key) WHERE domain_key IS NOT NULL;
CREATE INDEX companies_updated ON company_records (account_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX companies_revenue ON company_records (account_id, revenue_currency, revenue, id) WHERE deleted_at IS NULL;
CREATE INDEX companies_owner ON company_records (owner_id, id) WHERE owner_id IS NOT NULL;
CREATE INDEX companies_parent ON company_records (parent_id, id) WHERE parent_id IS NOT NULL;
CREATE INDEX companies_external ON company_records (account_id, external_id) WHERE external_id IS NOT NULL;

CREATE TABLE contact_companies (
  contact_id BIGINT NOT NULL, company_id BIGINT NOT NULL, role {text}, is_primary BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (contact_id, company_id)) {rowless};
CREATE INDEX contact_companies_company ON contact_companies (company_id, contact_id);

CREATE TABLE pipelines (
  id {key}, account_id BIGINT NOT NULL, public_id {text} NOT NULL, version BIGINT NOT NULL DEFAULT 1,
  change_id BIGINT, created_at {text} NOT NULL, updated_at {text} NOT NULL, deleted_at {text},
  name {text} NOT NULL, name_key {text} NOT NULL, position BIGINT NOT NULL DEFAULT 0, stale_days BIGINT,
  custom TEXT NOT NULL DEFAULT '{}', search_text TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX pipelines_public ON pipelines (account_id, public_id);
CREATE INDEX pipelines_deleted ON pipelines (account_id, id) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX pipelines_name ON pipelines (account_id, name_key) WHERE deleted_at IS NULL;

CREATE TABLE stages (
  id {key}, account_id BIGINT NOT NULL, public_id {text} NOT NULL, pipeline_id BIGINT NOT NULL,
  name {text} NOT NULL, name_key {text} NOT NULL, position BIGINT NOT NULL, probability BIGINT NOT NULL DEFAULT 0,
  sets_status {text}, retired BIGINT NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX stages_public ON stages (account_id, public_id);
CREATE UNIQUE INDEX stages_name ON stages (pipeline_id, name_key) WHERE retired = 0;

CREATE TABLE product_records (
  id {key}, account_id BIGINT NOT NULL, public_id {text} NOT NULL, version BIGINT NOT NULL DEFAULT 1,
  change_id BIGINT, created_at {text} NOT NULL, updated_at {text} NOT NULL, deleted_at {text},
  name {text} NOT NULL, name_key {text} NOT NULL,
  loose_key {text} NOT NULL DEFAULT '', -- the folded name without spaces: GTXPro is GTX Pro
  sku {text}, family {text}, description {text},
  price BIGINT NOT NULL DEFAULT 0, price_currency {text} NOT NULL DEFAULT '', active BIGINT NOT NULL DEFAULT 1,
  external_id {text}, custom TEXT NOT NULL DEFAULT '{}', search_text TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX products_public ON product_records (account_id, public_id);
CREATE INDEX products_deleted ON product_records (account_id, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX products_name ON product_records (account_id, name_key, id) WHERE deleted_at IS NULL;
CREATE INDEX products_loose ON product_records (account_id, loose_key, id) WHERE deleted_at IS NULL;
CREATE INDEX products_family ON product_records (account_id, family, id) WHERE deleted_at IS NULL AND family IS NOT NULL;
CREATE INDEX products_price ON product_records (account_id, price_currency, price, id) WHERE deleted_at IS NULL;
CREATE INDEX products_external ON product_records (account_id, external_id) WHERE external_id IS NOT NULL;
CREATE UNIQUE INDEX products_sku ON product_records (account_id, sku) WHERE sku IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX products_updated ON product_records (account_id, updated_at, id) WHERE deleted_at IS NULL;

CREATE TABLE deal_records (
  id {key}, account_id BIGINT NOT NULL, public_id {text} NOT NULL, version BIGINT NOT NULL DEFAULT 1,
  change_id BIGINT, created_at {text} NOT NULL, updated_at {text} NOT NULL, deleted_at {text},
  name {text} NOT NULL DEFAULT '', name_key {text} NOT NULL DEFAULT '',
  amount BIGINT NOT NULL DEFAULT 0, amount_currency {text} NOT NULL DEFAULT '',
  pipeline_id BIGINT NOT NULL, stage_id BIGINT NOT NULL, stage_entered_at {text} NOT NULL,
  status {text} NOT NULL DEFAULT 'open', lost_reason {text}, probability BIGINT,
  company_id BIGINT, owner_id BIGINT, opened_at {text}, closed_at {text}, expected_close_on {text},
  close_key {text} NOT NULL DEFAULT '9999-12-31', -- the expected day to sort by
  source {text}, description {text}, external_id {text}, next_activity_at {text},
  custom TEXT NOT NULL DEFAULT '{}', search_text TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX deals_public ON deal_records (account_id, public_id);
CREATE INDEX deals_deleted ON deal_records (account_id, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX deals_name ON deal_records (account_id, name_key, id) WHERE deleted_at IS NULL;
CREATE INDEX deals_updated ON deal_records (account_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX deals_amount ON deal_records (account_id, amount_currency, amount, id) WHERE deleted_at IS NULL;
CREATE INDEX deals_entered ON deal_records (account_id, stage_entered_at, id) WHERE deleted_at IS NULL;
CREATE INDEX deals_close ON deal_records (account_id, close_key, id) WHERE deleted_at IS NULL;
CREATE INDEX deals_status ON deal_records (account_id, status, id) WHERE deleted_at IS NULL;
CREATE INDEX deals_pipeline ON deal_records (pipeline_id, id);
CREATE INDEX deals_stage ON deal_records (stage_id, id);
CREATE INDEX deals_company ON deal_records (company_id, id) WHERE company_id IS NOT NULL;
CREATE INDEX deals_owner ON deal_records (owner_id, id) WHERE owner_id IS NOT NULL;
CREATE INDEX deals_external ON deal_records (account_id, external_id) WHERE external_id IS NOT NULL;

CREATE TABLE deal_contacts (
  deal_id BIGINT NOT NULL, contact_id BIGINT NOT NULL, role {text}, is_primary BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (deal_id, contact_id)) {rowless};
CREATE INDEX deal_contacts_contact ON deal_contacts (contact_id, deal_id);

CREATE TABLE deal_lines (
  deal_id BIGINT NOT NULL, key {text} NOT NULL, product_id BIGINT, name {text} NOT NULL, quantity {text} NOT NULL DEFAULT '1',
  price BIGINT NOT NULL DEFAULT 0, price_currency {text} NOT NULL DEFAULT '', position BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (deal_id, key)) {rowless};
CREATE INDEX deal_lines_product ON deal_lines (product_id, deal_id) WHERE product_id IS NOT NULL;

CREATE TABLE stage_visits (            -- where a deal was and for how long
  id {key}, account_id BIGINT NOT NULL, deal_id BIGINT NOT NULL, pipeline_id BIGINT NOT NULL, stage_id BIGINT NOT NULL,
  entered_at {text} NOT NULL, left_at {text}, seconds BIGINT, actor {text} NOT NULL, change_id BIGINT,
  blind BIGINT NOT NULL DEFAULT 0);    -- 1: where the deal was before is not known
CREATE INDEX stage_visits_deal ON stage_visits (deal_id, entered_at, id);
CREATE INDEX stage_visits_stage ON stage_visits (stage_id, entered_at);

CREATE TABLE activity_records (
  id {key}, account_id BIGINT NOT NULL, public_id {text} NOT NULL, version BIGINT NOT NULL DEFAULT 1,
  change_id BIGINT, created_at {text} NOT NULL, updated_at {text} NOT NULL, deleted_at {text},
  kind {text} NOT NULL, direction {text}, outcome {text}, subject {text}, body TEXT, seconds BIGINT,
  at {text} NOT NULL, contact_id BIGINT, company_id BIGINT, deal_id BIGINT, owner_id BIGINT,
  custom TEXT NOT NULL DEFAULT '{}', search_text TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX activities_public ON activity_records (account_id, public_id);
CREATE INDEX activities_deleted ON activity_records (account_id, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX activities_at ON activity_records (account_id, at, id) WHERE deleted_at IS NULL;
CREATE INDEX activities_updated ON activity_records (account_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX activities_contact ON activity_records (contact_id, at) WHERE contact_id IS NOT NULL;
CREATE INDEX activities_company ON activity_records (company_id, at) WHERE company_id IS NOT NULL;
CREATE INDEX activities_deal ON activity_records (deal_id, at) WHERE deal_id IS NOT NULL;

CREATE TABLE note_records (
  id {key}, account_id BIGINT NOT NULL, public_id {text} NOT NULL, version BIGINT NOT NULL DEFAULT 1,
  change_id BIGINT, created_at {text} NOT NULL, updated_at {text} NOT NULL, deleted_at {text},
  body TEXT NOT NULL, pinned BIGINT NOT NULL DEFAULT 0, contact_id BIGINT, company_id BIGINT, deal_id BIGINT,
  owner_id BIGINT, author {text}, custom TEXT NOT NULL DEFAULT '{}', search_text TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX notes_public ON note_records (account_id, public_id);
CREATE INDEX notes_deleted ON note_records (account_id, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX notes_updated ON note_records (account_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX notes_contact ON note_records (contact_id, id) WHERE contact_id IS NOT NULL;
CREATE INDEX notes_company ON note_records (company_id, id) WHERE company_id IS NOT NULL;
CREATE INDEX notes_deal ON note_records (deal_id, id) WHERE deal_id IS NOT NULL;

CREATE TABLE task_records (
  id {key}, account_id BIGINT NOT NULL, public_id {text} NOT NULL, version BIGINT NOT NULL DEFAULT 1,
  change_id BIGINT, created_at {text} NOT NULL, updated_at {text} NOT NULL, deleted_at {text},
  title {text} NOT NULL, name_key {text} NOT NULL DEFAULT '', body TEXT, kind {text}, priority {text},
  due_at {text} NOT NULL DEFAULT '9999-12-31T00:00:00.000Z', done_at {text}, status {text} NOT NULL DEFAULT 'open',
  contact_id BIGINT, company_id BIGINT, deal_id BIGINT, owner_id BIGINT,
  custom TEXT NOT NULL DEFAULT '{}', search_text TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX tasks_public ON task_records (account_id, public_id);
CREATE INDEX tasks_deleted ON task_records (account_id, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX tasks_due ON task_records (account_id, due_at, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_open ON task_records (account_id, due_at, id) WHERE status = 'open' AND deleted_at IS NULL;
CREATE INDEX tasks_name ON task_records (account_id, name_key, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_updated ON task_records (account_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_contact ON task_records (contact_id, id) WHERE contact_id IS NOT NULL;
CREATE INDEX tasks_company ON task_records (company_id, id) WHERE company_id IS NOT NULL;
CREATE INDEX tasks_deal ON task_records (deal_id, id) WHERE deal_id IS NOT NULL;
CREATE INDEX tasks_owner ON task_records (owner_id, due_at) WHERE owner_id IS NOT NULL;

CREATE TABLE saved_views (
  id {key}, account_id BIGINT NOT NULL, public_id {text} NOT NULL, version BIGINT NOT NULL DEFAULT 1,
  change_id BIGINT, created_at {text} NOT NULL, updated_at {text} NOT NULL, deleted_at {text},
  noun {text} NOT NULL, name {text} NOT NULL, name_key {text} NOT NULL, filter TEXT, sort {text}, columns TEXT,
  custom TEXT NOT NULL DEFAULT '{}', search_text TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX saved_views_public ON saved_views (account_id, public_id);
CREATE INDEX saved_views_deleted ON saved_views (account_id, id) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX saved_views_name ON saved_views (account_id, noun, name_key) WHERE deleted_at IS NULL;

CREATE TABLE attachments (
  id {key}, account_id BIGINT NOT NULL, public_id {text} NOT NULL, version BIGINT NOT NULL DEFAULT 1,
  change_id BIGINT, created_at {text} NOT NULL, updated_at {text} NOT NULL, deleted_at {text},
  contact_id BIGINT NOT NULL, name {text} NOT NULL, name_key {text} NOT NULL DEFAULT '', content_type {text} NOT NULL,
  size BIGINT NOT NULL, digest {text} NOT NULL, custom TEXT NOT NULL DEFAULT '{}', search_text TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX attachments_public ON attachments (account_id, public_id);
CREATE INDEX attachments_deleted ON attachments (account_id, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX attachments_contact ON attachments (contact_id, id);
CREATE TABLE attachment_contents (     -- apart from the row, once per content
  account_id BIGINT NOT NULL, digest {text} NOT NULL, content {bytes} NOT NULL, PRIMARY KEY (account_id, digest));

-- only: sqlite
CREATE VIRTUAL TABLE contacts_search USING fts5(search_text, content='contact_records', content_rowid='id', prefix='3 4', tokenize='unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE companies_search USING fts5(search_text, content='company_records', content_rowid='id', prefix='3 4', tokenize='unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE deals_search USING fts5(search_text, content='deal_records', content_rowid='id', prefix='3 4', tokenize='unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE products_search USING fts5(search_text, content='product_records', content_rowid='id', prefix='3 4', tokenize='unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE activities_search USING fts5(search_text, content='activity_records', content_rowid='id', prefix='3 4', tokenize='unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE notes_search USING fts5(search_text, content='note_records', content_rowid='id', prefix='3 4', tokenize='unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE tasks_search USING fts5(search_text, content='task_records', content_rowid='id', prefix='3 4', tokenize='unicode61 remove_diacritics 2');
-- end
-- only: postgres
CREATE INDEX contacts_search ON contact_records USING gin (to_tsvector('simple', search_text));
CREATE INDEX companies_search ON company_records USING gin (to_tsvector('simple', search_text));
CREATE INDEX deals_search ON deal_records USING gin (to_tsvector('simple', search_text));
CREATE INDEX products_search ON product_records USING gin (to_tsvector('simple', search_text));
CREATE INDEX activities_search ON activity_records USING gin (to_tsvector('simple', search_text));
CREATE INDEX notes_search ON note_records USING gin (to_tsvector('simple', search_text));
CREATE INDEX tasks_search ON task_records USING gin (to_tsvector('simple', search_text));
-- end

CREATE TABLE merged_runs (             -- runs that a merge has moved or ended, for taking it apart
  change_set_id BIGINT NOT NULL, enrollment_id BIGINT NOT NULL, person_id BIGINT, object_id BIGINT NOT NULL,
  state BIGINT NOT NULL, run_at BIGINT, due_at BIGINT, PRIMARY KEY (change_set_id, enrollment_id));
