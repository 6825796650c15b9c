-- name: current
-- Where a deal is since when.
select id, stage_id, entered_at, change_id from stage_visits
where account_id = :account_id and deal_id = :deal_id and left_at is null order by id desc limit 1

-- name: before
-- The visit before one.
select id, stage_id, entered_at from stage_visits
where account_id = :account_id and deal_id = :deal_id and id < :id order by id desc limit 1

-- name: enter
-- A deal comes into a stage.
insert into stage_visits (id, account_id, deal_id, pipeline_id, stage_id, entered_at, actor, change_id, blind)
values (:id, :account_id, :deal_id, :pipeline_id, :stage_id, :entered_at, :actor, :change_id, :blind)

-- name: leave
-- A deal leaves a stage.
update stage_visits set left_at = :left_at, seconds = :seconds where account_id = :account_id and id = :id

-- name: stay
-- A deal has not left a stage after all.
update stage_visits set left_at = null, seconds = null where account_id = :account_id and id = :id

-- name: forget
-- A deal has not been in a stage after all.
delete from stage_visits where account_id = :account_id and id = :id

-- name: last_of
-- The stages a deal was in, the latest first.
select stage_id from stage_visits where account_id = :account_id and deal_id = :deal_id order by id desc limit 200
