-- name: events
-- Events about a person.
select e.at, e.name as word, e.payload from events e where e.account_id = :account_id and e.person_id = :id order by e.id

-- name: messages
-- Messages to a person.
select o.id as message, o.state, d.address, d.subject, d.reason, d.rule, d.code, d.answer, d.at, d.sent_at, d.rendered
from outbox o left join message_details d on d.outbox_id = o.id
where o.account_id = :account_id and o.subject_id = :id order by o.id

-- name: enrollments
-- Runs of workflows about a person.
select d.public_id, d.entered_at, d.ended_at, d.outcome, d.context, w.name as workflow from enrollments e
join enrollment_details d on d.enrollment_id = e.id join workflows w on w.id = e.workflow_id
where e.account_id = :account_id and e.person_id = :id order by e.id

-- name: journal
-- Steps that a person's runs took, where they left a remark.
select j.at, s.name, j.detail from journal j join enrollments e on e.id = j.enrollment_id
join workflow_steps s on s.id = j.step_id
where e.account_id = :account_id and e.person_id = :id and j.detail is not null order by j.id

-- name: suppressions
-- Suppressed addresses of a person.
select s.channel, s.address, s.reason, s.source, s.created_at from suppressions s
join contact_addresses a on a.key = s.address_key where s.account_id = :account_id and a.contact_id = :id

-- name: listed
-- The suppression of an address, deleted ones too.
select id from suppressions where account_id = :account_id and channel = :channel and address_key = :key

-- name: hashed
-- Whether the hash of an address is on the list.
select id from suppressions where account_id = :account_id and channel = :channel and address_key = :key and deleted_at is null

-- name: list_hash
-- Suppress an address by its hash; there is no record of who it was.
insert into suppressions (account_id, public_id, created_at, updated_at, channel, address_key, reason, source, name_key)
values (:account_id, :public_id, :now, :now, :channel, :key, 'erased', 'right to erasure', :key)

-- name: forget_change (any account)
-- A change of a record of the account stays without what it wrote, so that an undo can say why it does nothing.
-- Its record has no number any more: a file gives the number of the newest record to the next one.
update changes set prev_id = null, record_id = -record_id, before = null, after = null where id = :id

-- name: forget_values
-- Indexed custom values of a record.
delete from field_values where record_id = :id and field_id in
(select id from field_definitions where account_id = :account_id and noun = :noun)

-- name: forget_deal_contacts (any account)
-- The person's place in deals; the deals stay.
delete from deal_contacts where contact_id = :id

-- name: forget_waits
-- What the person's runs wait for.
delete from waits where enrollment_id in (select id from enrollments where account_id = :account_id and person_id = :id)

-- name: forget_rendered
-- What was rendered for the person, and where it went.
update message_details set rendered = null, address = null, subject = null, answer = null, message_id = null, hash = null
where outbox_id in (select id from outbox where account_id = :account_id and subject_id = :id)

-- name: forget_queued
-- Queued messages to the person do not leave, and what they carried is dropped.
update outbox set detail = null, state = case when state in (0, 1, 4) then 8 else state end
where account_id = :account_id and subject_id = :id

-- name: forget_journal
-- Remarks of the steps that the person's runs took.
update journal set detail = null where detail is not null and enrollment_id in
(select id from enrollments where account_id = :account_id and person_id = :id)

-- name: forget_context
-- What the person's runs carried.
update enrollment_details set context = '{}', reentry_key = null, outcome = coalesce(outcome, 'erased') where enrollment_id in
(select id from enrollments where account_id = :account_id and person_id = :id)

-- name: forget_runs
-- The person's runs end; they stay counted.
update enrollments set state = case when state < 3 then 4 else state end, run_at = null, due_at = null
where account_id = :account_id and person_id = :id

-- name: forget_event_payloads
-- What events about the person carried.
update events set payload = null, change_id = null where account_id = :account_id and person_id = :id

-- name: forget_misses
-- Triggers that did not fire for the person.
delete from trigger_misses where account_id = :account_id and object_id = :id

-- name: forget_addresses
-- The person's addresses.
delete from contact_addresses where account_id = :account_id and contact_id = :id

-- name: forget_tags (any account)
-- The person's tags.
delete from contact_tags where contact_id = :id

-- name: forget_companies (any account)
-- The person's companies.
delete from contact_companies where contact_id = :id

-- name: forget_followers (any account)
-- Who followed the person.
delete from contact_followers where contact_id = :id

-- name: forget_aliases
-- Names of contacts that were merged into the person.
delete from aliases where account_id = :account_id and record_id = :id

-- name: forget_judgements
-- Pairs that were looked at.
delete from not_duplicates where account_id = :account_id and (left_id = :id or right_id = :id)

-- name: forget_contents
-- Contents that no attachment names any more.
delete from attachment_contents where account_id = :account_id and digest not in
(select digest from attachments where account_id = :account_id)
