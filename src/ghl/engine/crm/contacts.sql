-- name: by_email
-- The live contact that has this e-mail, whoever may see it: the address is taken all the same.
select r.id, r.public_id from contact_addresses a join contacts r on r.id = a.contact_id
where a.account_id = :account_id and a.key = :key and a.kind = 1 and a.live = 1

-- name: by_visible_email
-- The live contact that has this e-mail, if the caller may see it.
select r.id from contact_addresses a join contacts r on r.id = a.contact_id
where a.account_id = :account_id and a.key = :key and a.kind = 1 and a.live = 1{visible}

-- name: by_phone
-- Live contacts that have this phone.
select r.id from contact_addresses a join contacts r on r.id = a.contact_id
where a.account_id = :account_id and a.key = :key and a.kind = 2 and a.live = 1{visible}
order by r.id limit 6

-- name: by_external_id
-- Live contacts with this id of another system.
select r.id from contacts r
where r.account_id = :account_id and r.external_id = :external_id and r.deleted_at is null{visible}
order by r.id limit 6

-- name: set_live
-- Addresses of a deleted contact are free for others; restored, they are taken again.
update contact_addresses set live = :live where account_id = :account_id and contact_id = :id
