-- name: by_external_id
-- Live deals with this id of another system.
select r.id from deal_records r
where r.account_id = :account_id and r.external_id = :external_id and r.deleted_at is null{visible}
order by r.id limit 6

-- name: pipeline
-- Whether a pipeline is there for deals to go to.
select name, deleted_at from pipelines where account_id = :account_id and id = :id

-- name: person (any account)
-- The first contact of a deal that was found by its account.
select contact_id from deal_contacts where deal_id = :id order by is_primary desc, contact_id limit 1
