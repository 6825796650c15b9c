-- name: latest
-- Events before a position, newest first.
select e.*, c.change_set_id, c.before, c.after from events e left join changes c on c.id = e.change_id
where e.account_id = :account_id and e.position < :place and (:every = 1 or e.name = :name)
order by e.position desc limit :limit offset :offset

-- name: following
-- Events after a position, in the order they happened.
select e.*, c.change_set_id, c.before, c.after from events e left join changes c on c.id = e.change_id
where e.account_id = :account_id and e.position > :place and (:every = 1 or e.name = :name)
order by e.position limit :limit offset :offset

-- name: total
-- How many events there are behind a position.
select count(*) as n from events e
where e.account_id = :account_id and e.position > :after and (:every = 1 or e.name = :name)
