-- name: by_name
-- The live tag with this folded name.
select id, public_id, name from tags where account_id = :account_id and name_key = :key and deleted_at is null
