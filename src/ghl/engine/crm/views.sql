-- name: taken
-- The live view of a noun with this name.
select id from saved_views where account_id = :account_id and noun = :noun and name_key = :key and deleted_at is null
