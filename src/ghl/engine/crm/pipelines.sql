-- name: by_name
-- The live pipeline with this folded name.
select id, public_id, name from pipelines where account_id = :account_id and name_key = :key and deleted_at is null

-- name: open_deals
-- How many open deals a pipeline has, whoever may see them.
select count(*) as n from deal_records
where account_id = :account_id and pipeline_id = :id and status = 'open' and deleted_at is null

-- name: first_open_deals
-- Some of a pipeline's open deals, to name them.
select r.id, r.public_id, r.name from deal_records r
where r.account_id = :account_id and r.pipeline_id = :id and r.status = 'open' and r.deleted_at is null{visible}
order by r.id limit 10

-- name: deals_in_stage
-- How many live deals are in a stage, whoever may see them.
select count(*) as n from deal_records where account_id = :account_id and stage_id = :id and deleted_at is null

-- name: first_deals_in_stage
-- Some of a stage's live deals, to name them.
select r.id, r.public_id, r.name from deal_records r
where r.account_id = :account_id and r.stage_id = :id and r.deleted_at is null{visible}
order by r.id limit 10
