-- name: forget_old (any account)
-- Keys that are older than a day.
delete from repeats where at < :until

-- name: take
-- A key for this write; nothing where it is taken. Who comes second waits for the first to end.
insert into repeats (account_id, key, digest, at) values (:account_id, :key, :digest, :now_ms) on conflict do nothing

-- name: taken
-- What was answered to the write that has the key.
select digest, answer, outcome from repeats where account_id = :account_id and key = :key

-- name: answer
-- Keep what is answered.
update repeats set answer = :answer, outcome = :outcome where account_id = :account_id and key = :key

-- name: forget
-- Every answer of the account.
delete from repeats where account_id = :account_id
