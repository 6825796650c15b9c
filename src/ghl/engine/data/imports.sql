-- name: insert
-- A run or a plan begins.
insert into imports (id, account_id, public_id, noun, file, fingerprint, options, options_hash, state, trial, plan_id,
  total, actor, started_at)
values (:id, :account_id, :public_id, :noun, :file, :fingerprint, :options, :options_hash, 'running', :trial, :plan_id,
  :total, :actor, :now)

-- name: by_id
-- One import.
select * from imports where account_id = :account_id and public_id = :public_id

-- name: by_key
-- One import by its row.
select * from imports where account_id = :account_id and id = :id

-- name: locked
-- One import, kept from others until the transaction ends.
select * from imports where account_id = :account_id and public_id = :public_id{lock}

-- name: by_digest
-- The newest plan whose digest begins so.
select * from imports where account_id = :account_id and trial = 1 and state = 'planned'
and substr(digest, 1, :length) = :digest order by id desc limit 1

-- name: stopped
-- The newest run of the same file with the same choices that did not reach its end.
select i.* from imports i left join change_sets s on s.id = i.change_set_id
where i.account_id = :account_id and i.fingerprint = :fingerprint and i.noun = :noun
and i.options_hash = :options_hash and i.state = 'running' and s.undone_by is null
order by i.id desc limit 1

-- name: abandon
-- Runs of the same choices that nobody will go on with.
update imports set state = 'abandoned', finished_at = :now
where account_id = :account_id and fingerprint = :fingerprint and noun = :noun and options_hash = :options_hash
and state = 'running' and id <> :id

-- name: save
-- The place reached and what was counted, in the transaction of the rows.
update imports set line = :line, done = :done, counts = :counts, differences = :differences, notices = :notices,
  raised = :raised, memory = :memory, digest = :digest, change_set_id = :change_set_id
where account_id = :account_id and id = :id

-- name: end
-- All rows were sent.
update imports set state = :state, finished_at = :now where account_id = :account_id and id = :id

-- name: page
-- Imports below a row, newest first.
select * from imports where account_id = :account_id and id < :below order by id desc limit :limit offset :offset

-- name: total
-- How many imports there are.
select count(*) as n from imports where account_id = :account_id

-- name: rows
-- What became of the rows behind a line.
select r.* from import_rows r join imports i on i.id = r.import_id
where i.account_id = :account_id and r.import_id = :id and r.line > :line
and (:verdict = 0 or r.verdict = :verdict) order by r.line limit :limit offset :offset

-- name: row_total
-- How many rows there is something to say of.
select count(*) as n from import_rows r join imports i on i.id = r.import_id
where i.account_id = :account_id and r.import_id = :id and (:verdict = 0 or r.verdict = :verdict)

-- name: planned
-- What a plan says of some lines.
select r.line, r.verdict, r.record_id, r.version, r.detail from import_rows r join imports i on i.id = r.import_id
where i.account_id = :account_id and r.import_id = :id and r.line between :first and :last

-- name: old
-- Plans and lists of rejected rows that nobody needs any more.
select id from imports where account_id = :account_id and coalesce(finished_at, started_at) < :before
and id in (select import_id from import_rows union select import_id from import_keys) limit 20

-- name: clear_rows (any account)
-- Forget the rows of an import.
delete from import_rows where import_id = :id

-- name: clear_keys (any account)
-- Forget the keys of a plan.
delete from import_keys where import_id = :id

-- name: known_keys
-- Keys that earlier rows of a plan would make or touch.
select k.key from import_keys k join imports i on i.id = k.import_id
where i.account_id = :account_id and k.import_id = :id and k.kind = :kind
and k.key in (select value from json_each(:keys))

-- name: known_keys (postgres)
-- Keys that earlier rows of a plan would make or touch.
select k.key from import_keys k join imports i on i.id = k.import_id
where i.account_id = :account_id and k.import_id = :id and k.kind = :kind
and k.key in (select json_array_elements_text(cast(:keys as json)))

-- name: profile
-- A mapping kept under a name.
select * from import_profiles where account_id = :account_id and noun = :noun and name_key = :key

-- name: profiles
-- Every mapping that was kept.
select * from import_profiles where account_id = :account_id and (:noun = '' or noun = :noun) order by noun, name_key

-- name: keep_profile
-- Keep a mapping, in place of the one of that name.
insert into import_profiles (account_id, noun, name, name_key, columns, guessed, updated_at)
values (:account_id, :noun, :name, :key, :columns, :guessed, :now)
on conflict (account_id, noun, name_key) do update set name = excluded.name, columns = excluded.columns,
  guessed = excluded.guessed, updated_at = excluded.updated_at

-- name: forget_profile
-- Forget a mapping.
delete from import_profiles where account_id = :account_id and noun = :noun and name_key = :key

-- name: triggers
-- Active workflows that begin with one of the events that were raised.
select distinct w.name as workflow, t.event_name, t.arguments from workflow_triggers t
join workflows w on w.id = t.workflow_id and w.version_id = t.version_id
where t.account_id = :account_id and w.status = 'active' and w.deleted_at is null and t.event_name is not null
order by w.name

-- name: emails
-- Live contacts by their e-mails, whoever may see them.
select a.key, a.contact_id from contact_addresses a
where a.account_id = :account_id and a.kind = 1 and a.live = 1 and a.key in (select value from json_each(:keys))

-- name: emails (postgres)
-- Live contacts by their e-mails, whoever may see them.
select a.key, a.contact_id from contact_addresses a
where a.account_id = :account_id and a.kind = 1 and a.live = 1
and a.key in (select json_array_elements_text(cast(:keys as json)))

-- name: phones
-- Live contacts by their phones.
select a.key, a.contact_id from contact_addresses a join contact_records r on r.id = a.contact_id
where a.account_id = :account_id and a.kind = 2 and a.live = 1
and a.key in (select value from json_each(:keys)){visible} order by a.contact_id

-- name: phones (postgres)
-- Live contacts by their phones.
select a.key, a.contact_id from contact_addresses a join contact_records r on r.id = a.contact_id
where a.account_id = :account_id and a.kind = 2 and a.live = 1
and a.key in (select json_array_elements_text(cast(:keys as json))){visible} order by a.contact_id
