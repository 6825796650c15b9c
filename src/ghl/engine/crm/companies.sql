-- name: by_domain
-- Live companies with this domain.
select r.id from company_records r
where r.account_id = :account_id and r.domain_key = :key and r.deleted_at is null{visible}
order by r.id limit 6

-- name: by_external_id
-- Live companies with this id of another system.
select r.id from company_records r
where r.account_id = :account_id and r.external_id = :external_id and r.deleted_at is null{visible}
order by r.id limit 6

-- name: parent
-- The company that this one is part of.
select parent_id from company_records where account_id = :account_id and id = :id
