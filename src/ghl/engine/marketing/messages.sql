-- name: page
-- Messages below a number, the newest first; `{where}` narrows them.
select o.*, d.address, d.sender_id, d.template_version_id, d.message_id, d.hash, d.subject, d.reason,
  d.rule, d.code, d.answer, d.at, d.sent_at, d.rendered, e.workflow_id, w.name as workflow, c.name as channel_name,
  s.name as sender
from outbox o left join message_details d on d.outbox_id = o.id join words c on c.id = o.channel
left join enrollments e on o.source = 1 and e.id = o.source_id
left join workflows w on w.id = e.workflow_id left join senders s on s.id = d.sender_id
where o.account_id = :account_id and o.id < :below{where} order by o.id desc limit :limit offset :offset

-- name: count
-- How many messages there are; `{where}` narrows them.
select count(*) as n from outbox o left join message_details d on d.outbox_id = o.id
left join enrollments e on o.source = 1 and e.id = o.source_id
where o.account_id = :account_id{where}

-- name: requeue
-- A message is tried again as it was.
update outbox set state = 0, available_at = :now_ms, lease_until = null, worker_id = null, attempts = 0, deaths = 0
where account_id = :account_id and id = :id and state in (5, 6, 7)

-- name: enqueue
-- Queue a message, once for each key.
insert into outbox (account_id, channel, source, source_id, seq, part, subject_id, state, available_at, detail)
values (:account_id, :channel, 3, :source_id, :seq, 0, :subject_id, 0, :now_ms, :detail)
on conflict (source, source_id, seq, part) do nothing returning id

-- name: state
-- Where one message is.
select state from outbox where account_id = :account_id and id = :id

-- name: set_state
-- A message in the queue goes another way.
update outbox set state = :state where account_id = :account_id and id = :id and state in (0, 4)

-- name: undo
-- Queued mail that only an undone change caused does not leave.
update outbox set state = 8 where account_id = :account_id and state in (0, 4) and source = 1 and source_id in ({ids})

-- name: left
-- How many messages that an undone change caused have left the machine.
select count(*) as n from outbox o where o.account_id = :account_id and o.state in (2, 3, 6) and o.source = 1
and o.source_id in ({ids})

-- name: newest_version
-- The newest version of a template.
select id from template_versions where account_id = :account_id and template_id = :id order by number desc limit 1
