-- name: by_key
-- The live suppression of an address on a channel.
select id, reason from suppressions
where account_id = :account_id and channel = :channel and address_key = :key and deleted_at is null

-- name: key
-- A key of the account for one purpose.
select value from secrets where account_id = :account_id and owner = 'account' and name = :purpose

-- name: make_key
-- Keep a new key for one purpose, unless somebody was faster.
insert into secrets (account_id, owner, name, value) values (:account_id, 'account', :purpose, :value)
on conflict (account_id, owner, name) do nothing
