-- name: by_email
-- The live contact that has this e-mail, whoever may see it: the address is taken all the same.
select r.id, r.public_id from contact_addresses a join contact_records r on r.id = a.contact_id
where a.account_id = :account_id and a.key = :key and a.kind = 1 and a.live = 1

-- name: by_visible_email
-- The live contact that has this e-mail, if the caller may see it.
select r.id from contact_addresses a join contact_records r on r.id = a.contact_id
where a.account_id = :account_id and a.key = :key and a.kind = 1 and a.live = 1{visible}

-- name: by_gone_email
-- Deleted contacts that had this e-mail, the newest first.
select r.id from contact_addresses a join contact_records r on r.id = a.contact_id
where a.account_id = :account_id and a.key = :key and a.kind = 1 and a.live = 0 and r.deleted_at is not null{visible}
order by r.id desc limit 6

-- name: by_phone
-- Live contacts that have this phone.
select r.id from contact_addresses a join contact_records r on r.id = a.contact_id
where a.account_id = :account_id and a.key = :key and a.kind = 2 and a.live = 1{visible}
order by r.id limit 6

-- name: by_external_id
-- Live contacts with this id of another system.
select r.id from contact_records r
where r.account_id = :account_id and r.external_id = :external_id and r.deleted_at is null{visible}
order by r.id limit 6

-- name: set_live
-- Addresses of a deleted contact are free for others; restored, they are taken again.
update contact_addresses set live = :live where account_id = :account_id and contact_id = :id

-- name: runs
-- The runs of a person, ended or not.
select id, workflow_id, object_id, person_id, slot, state, run_at, due_at from enrollments
where account_id = :account_id and person_id = :id

-- name: live_run
-- Whether the place of a run is taken.
select id from enrollments where account_id = :account_id and workflow_id = :workflow_id
and object_id = :object_id and slot = :slot and state < 3

-- name: move_run
-- A run goes on as another person's.
update enrollments set person_id = :person_id, object_id = :object_id, shard = :shard
where account_id = :account_id and id = :id

-- name: move_waits (any account)
-- What a run waits for happens to the person whose run it is now.
update waits set subject_id = :person_id where enrollment_id = :id and noun = :noun

-- name: release_run
-- A held run is looked at again when it is due.
update enrollments set run_at = due_at, due_at = null where account_id = :account_id and id = :id

-- name: end_run
-- A run ends because the survivor of a merge has one of her own.
update enrollments set state = 4, run_at = null, due_at = null where account_id = :account_id and id = :id

-- name: end_run_details (any account)
-- Why it ended; the run itself was found by its account.
update enrollment_details set ended_at = :now_ms, outcome = 'merged' where enrollment_id = :id

-- name: remember_run (any account)
-- What a run was before a merge; the change set belongs to the account.
insert into merged_runs (change_set_id, enrollment_id, person_id, object_id, state, run_at, due_at)
values (:set_id, :id, :person_id, :object_id, :state, :run_at, :due_at)

-- name: remembered_runs (any account)
-- The runs that a merge has moved or ended.
select enrollment_id as id, person_id, object_id, state, run_at, due_at from merged_runs where change_set_id = :set_id

-- name: restore_run
-- A run is what it was before the merge.
update enrollments set person_id = :person_id, object_id = :object_id, state = :state, run_at = :run_at, due_at = :due_at,
  shard = :shard where account_id = :account_id and id = :id
