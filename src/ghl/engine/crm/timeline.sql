-- name: messages
-- Messages to a contact that were looked at, newest first.
select o.id, o.state, d.at, d.subject, d.rule, w.name as workflow
from outbox o join message_details d on d.outbox_id = o.id
left join enrollments e on o.source = 1 and e.id = o.source_id left join workflows w on w.id = e.workflow_id
where o.account_id = :account_id and o.subject_id = :id and d.at <= :before order by d.at desc, o.id desc limit :limit

-- name: runs
-- Workflows that a contact entered, newest first.
select d.public_id, d.entered_at, d.outcome, w.name as workflow
from enrollments e join enrollment_details d on d.enrollment_id = e.id join workflows w on w.id = e.workflow_id
where e.account_id = :account_id and e.person_id = :id and d.entered_at <= :before order by d.entered_at desc, e.id desc limit :limit

-- name: stages
-- Stages that a deal was in, newest first.
select v.entered_at, v.left_at, v.seconds, v.actor, s.name as stage from stage_visits v join stages s on s.id = v.stage_id
where v.account_id = :account_id and v.deal_id = :id and v.entered_at <= :before
order by v.entered_at desc, v.id desc limit :limit

-- name: events
-- What happened to a person without changing a record, newest first.
select id, name, at, payload from events
where account_id = :account_id and person_id = :id and change_id is null and payload is not null and at <= :before
order by at desc, id desc limit :limit

-- name: messages_total
-- How many messages to a contact were looked at.
select count(*) as n from outbox o join message_details d on d.outbox_id = o.id
where o.account_id = :account_id and o.subject_id = :id and d.at is not null

-- name: runs_total
-- How often a contact entered a workflow.
select count(*) as n from enrollments e where e.account_id = :account_id and e.person_id = :id

-- name: stages_total
-- How often a deal changed its stage.
select count(*) as n from stage_visits v where v.account_id = :account_id and v.deal_id = :id

-- name: events_total
-- How much happened to a person without changing a record.
select count(*) as n from events
where account_id = :account_id and person_id = :id and change_id is null and payload is not null
