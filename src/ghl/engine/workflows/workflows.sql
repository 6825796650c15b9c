-- name: version
-- A version with the number of its steps; the end that waits need is none of them.
select v.*, (select count(*) from workflow_steps s where s.version_id = v.id and s.name <> '(end)') as steps
from workflow_versions v where v.account_id = :account_id and v.id = :id

-- name: live
-- How many runs are under way.
select count(*) as n from enrollments where account_id = :account_id and workflow_id = :id and state < 3

-- name: states
-- How many runs there are in each state.
select state, count(*) as n from enrollments where account_id = :account_id and workflow_id = :id group by state

-- name: waiting
-- How many runs stand before each step.
select step_id, count(*) as n from enrollments where account_id = :account_id and workflow_id = :id and state < 3
group by step_id

-- name: release
-- Those who were held by a pause are looked at again, in the order they were due; those whose record is
-- deleted stay held.
update enrollments set run_at = due_at, due_at = null
where account_id = :account_id and workflow_id = :id and state = 1 and run_at is null and due_at is not null
and not exists (select 1 from contact_records c where c.id = enrollments.person_id and c.deleted_at is not null)
and not exists (select 1 from workflows w join deal_records d on d.id = enrollments.object_id
  where w.id = enrollments.workflow_id and w.subject = 'deal' and d.deleted_at is not null)
and not exists (select 1 from workflows w join company_records d on d.id = enrollments.object_id
  where w.id = enrollments.workflow_id and w.subject = 'company' and d.deleted_at is not null)

-- name: end_waits
-- Nobody of an archived workflow waits for anything.
delete from waits where enrollment_id in
(select id from enrollments where account_id = :account_id and workflow_id = :id and state < 3)

-- name: end_details
-- Why those inside an archived workflow left.
update enrollment_details set ended_at = :now_ms, outcome = 'archived' where enrollment_id in
(select id from enrollments where account_id = :account_id and workflow_id = :id and state < 3)

-- name: end
-- An archived workflow lets nobody stay.
update enrollments set state = 4, run_at = null, due_at = null
where account_id = :account_id and workflow_id = :id and state < 3

-- name: enrollments
-- Runs below a number, the newest first.
select e.*, d.public_id, d.entered_at, d.ended_at, d.outcome, w.name as workflow, w.status,
  w.public_id as workflow_public_id, s.name as step, v.number
from enrollments e join enrollment_details d on d.enrollment_id = e.id join workflows w on w.id = e.workflow_id
left join workflow_steps s on s.id = e.step_id left join journal j on j.id = e.journal_id
left join workflow_steps l on l.id = coalesce(e.step_id, j.step_id) left join workflow_versions v on v.id = l.version_id
where e.account_id = :account_id and e.id < :below{where} order by e.id desc limit :limit offset :offset

-- name: enrollment_total
-- How many runs there are; `{where}` narrows them.
select count(*) as n from enrollments e where e.account_id = :account_id{where}

-- name: enrollment
-- The run whose id ends like this.
select e.*, d.public_id, d.entered_at, d.ended_at, d.outcome, w.name as workflow, w.status,
  w.public_id as workflow_public_id, s.name as step, v.number
from enrollments e join enrollment_details d on d.enrollment_id = e.id join workflows w on w.id = e.workflow_id
left join workflow_steps s on s.id = e.step_id left join journal j on j.id = e.journal_id
left join workflow_steps l on l.id = coalesce(e.step_id, j.step_id) left join workflow_versions v on v.id = l.version_id
where e.account_id = :account_id and d.public_id like :tail limit 2

-- name: journal (any account)
-- One entry of a run's journal, reached from a run of the account.
select j.*, s.name, s.kind from journal j join workflow_steps s on s.id = j.step_id where j.id = :id
