-- name: by_sku
-- The live product with this article number.
select id, public_id, name from product_records where account_id = :account_id and sku = :sku and deleted_at is null

-- name: by_external_id
-- Live products with this id of another system.
select r.id from product_records r
where r.account_id = :account_id and r.external_id = :external_id and r.deleted_at is null
order by r.id limit 6

-- name: by_loose_name
-- Live products that have this name but for spaces.
select r.id, r.name from product_records r
where r.account_id = :account_id and r.loose_key = :key and r.deleted_at is null
order by r.id limit 6
