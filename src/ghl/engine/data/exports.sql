-- name: aliases
-- The ids of those that were merged into some records.
select record_id, public_id from aliases
where account_id = :account_id and noun = :noun and record_id between :first and :last order by public_id

-- name: judged
-- Pairs of which somebody has said that they are two people.
select left_id, right_id, at, actor from not_duplicates
where account_id = :account_id and right_id between :first and :last order by right_id, left_id

-- name: keep_alias
-- An id of a record that was merged into another one elsewhere: no change set of this database can take it apart.
insert into aliases (account_id, noun, public_id, record_id, change_set_id)
values (:account_id, :noun, :public_id, :record_id, 0)
on conflict (account_id, noun, public_id) do update set record_id = excluded.record_id

-- name: keep_judged
-- Two people whom somebody has looked at.
insert into not_duplicates (account_id, left_id, right_id, at, actor)
values (:account_id, :left_id, :right_id, :at, :actor) on conflict (account_id, left_id, right_id) do nothing
