-- name: keep_secret
-- Keep a password where channels alone read it.
insert into secrets (account_id, owner, name, value) values (:account_id, :owner, 'password', :value)
on conflict (account_id, owner, name) do update set value = excluded.value

-- name: secret
-- A password.
select value from secrets where account_id = :account_id and owner = :owner and name = 'password'

-- name: other_defaults
-- Other senders that are the default.
select id from senders where account_id = :account_id and is_default = 1 and id <> :id and deleted_at is null

-- name: candidates
-- Senders, the default one first.
select id, is_default from senders where account_id = :account_id and deleted_at is null
order by is_default desc, id limit 2
