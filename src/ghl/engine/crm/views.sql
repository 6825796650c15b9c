-- name: taken
-- The live view of a noun with this name.
select id, public_id from saved_views where account_id = :account_id and noun = :noun and name_key = :key and deleted_at is null

-- name: of_noun
-- The live views of a noun.
select id, public_id, name_key from saved_views where account_id = :account_id and noun = :noun and deleted_at is null
