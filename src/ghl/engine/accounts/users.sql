-- name: by_email
-- The live user with this e-mail.
select id, public_id from users where account_id = :account_id and email_key = :key and deleted_at is null
