-- name: by_id
-- One change set.
select * from change_sets where account_id = :account_id and id = :id

-- name: page
-- Change sets below a number, newest first.
select * from change_sets where account_id = :account_id and id < :below order by id desc limit :limit offset :offset

-- name: total
-- How many change sets there are.
select count(*) as n from change_sets where account_id = :account_id

-- name: counts
-- What a change set did, by noun and kind.
select c.noun, c.kind, count(*) as n from changes c join change_sets s on s.id = c.change_set_id
where s.account_id = :account_id and s.id = :id group by c.noun, c.kind order by c.noun, c.kind

-- name: changes
-- The first changes of a set.
select c.* from changes c join change_sets s on s.id = c.change_set_id
where s.account_id = :account_id and s.id = :id order by c.id limit 200

-- name: count
-- How many changes a set has.
select count(*) as n from changes c join change_sets s on s.id = c.change_set_id
where s.account_id = :account_id and s.id = :id

-- name: change
-- One change.
select c.* from changes c join change_sets s on s.id = c.change_set_id where s.account_id = :account_id and c.id = :id

-- name: length
-- How many changes a record has, from its newest one back.
with recursive chain (id, prev_id) as (
  select c.id, c.prev_id from changes c join change_sets s on s.id = c.change_set_id
  where s.account_id = :account_id and c.id = :id
  union all
  select c.id, c.prev_id from chain join changes c on c.id = chain.prev_id join change_sets s on s.id = c.change_set_id
  where s.account_id = :account_id)
select count(*) as n from chain

-- name: open
-- A named change set that later operations may join.
insert into change_sets (id, account_id, actor, user_id, origin, at, name, open_until)
values (:id, :account_id, :actor, :user_id, :origin, :now_ms, :name, :until)

-- name: close
-- Nothing more joins a closed set.
update change_sets set open_until = 0 where account_id = :account_id and id = :id

-- name: undone
-- Which set took this one back, or none.
update change_sets set undone_by = :by where account_id = :account_id and id = :id

-- name: latest
-- The caller's own sets that can be undone, newest first.
select * from change_sets where account_id = :account_id and actor = :actor and undone_by is null and undoes is null
order by id desc limit 50

-- name: latest_undo
-- The caller's own undos that can be redone, newest first.
select * from change_sets where account_id = :account_id and actor = :actor and undone_by is null
and undoes is not null order by id desc limit 50
