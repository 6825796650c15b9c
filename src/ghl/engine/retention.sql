-- name: deleted_before (any account)
-- Deleted records of a noun that are due to go for good, the oldest first; the table is filled in.
select r.id from {table} r where r.account_id = :account_id and r.deleted_at is not null and r.deleted_at < :until
{narrowed} order by r.id limit :size

-- name: end_runs
-- Runs of workflows about a record end.
update enrollments set state = 4, run_at = null, due_at = null where account_id = :account_id and object_id = :id
and state < 3 and workflow_id in (select w.id from workflows w where w.account_id = :account_id and w.subject = :noun)

-- name: forget_visits
-- Where a deal has been.
delete from stage_visits where account_id = :account_id and deal_id = :id

-- name: old_sets
-- Change sets that are too old to be kept; the newest one always is, and one that is open.
select s.id from change_sets s where s.account_id = :account_id and s.at < :until
and (s.open_until is null or s.open_until < :now_ms)
and s.id < (select max(n.id) from change_sets n where n.account_id = :account_id)
order by s.id limit 100

-- name: forget_changes (any account)
-- Some changes of a set of the account; the newest of all stays, so that its number is not given again.
delete from changes where id in (select c.id from changes c where c.change_set_id = :set_id
and c.id < (select max(n.id) from changes n) order by c.id limit :size)

-- name: forget_set
-- A change set whose changes are gone.
delete from change_sets where account_id = :account_id and id = :set_id
and not exists (select 1 from changes c where c.change_set_id = :set_id)

-- name: old_events
-- Events that are too old to be kept, but for those that nobody has handled yet.
select e.id, e.position from events e where e.account_id = :account_id and e.at < :until and e.position is not null
and e.id < (select max(n.id) from events n) and not exists (select 1 from inbox i where i.event_id <= e.id)
order by e.id limit :size

-- name: forget_event
-- An event.
delete from events where account_id = :account_id and id = :id

-- name: forget_journal
-- Steps that runs took too long ago; where a run is now stays.
delete from journal where id in (select j.id from journal j join enrollments e on e.id = j.enrollment_id
where e.account_id = :account_id and j.at < :until and (e.journal_id is null or e.journal_id <> j.id)
and j.id < (select max(n.id) from journal n) order by j.id limit :size)

-- name: forget_messages
-- The texts of messages that were sent, or are not going to be, too long ago; that they were stays.
update message_details set rendered = null where outbox_id in (select d.outbox_id from message_details d
join outbox o on o.id = d.outbox_id where d.account_id = :account_id and d.at < :until and d.rendered is not null
and o.state not in (0, 1, 2, 4) order by d.outbox_id limit :size)

-- name: forget_deliveries
-- What servers answered to messages and webhooks too long ago; whether they took them stays.
update message_details set answer = null where outbox_id in (select d.outbox_id from message_details d
join outbox o on o.id = d.outbox_id where d.account_id = :account_id and d.at < :until and d.answer is not null
and o.state not in (0, 1, 2, 4) order by d.outbox_id limit :size)

-- name: mark (any account)
-- How far a kind of history of an account is gone.
insert into store (name, value) values (:name, :value) on conflict (name) do update set value = excluded.value

-- name: marked (any account)
-- How far a kind of history of an account is gone.
select value from store where name = :name
