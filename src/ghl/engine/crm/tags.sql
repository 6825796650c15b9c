-- name: by_name
-- The live tag with this folded name.
select id, public_id, name from tags where account_id = :account_id and name_key = :key and deleted_at is null

-- name: contact_count (any account)
-- How many live contacts that the caller sees have a tag of the account.
select count(*) as n from contact_tags t join contact_records r on r.id = t.contact_id
where t.tag_id = :id and r.deleted_at is null{visible}

-- name: contact_live (any account)
-- How many live contacts have a tag of the account, whoever may see them.
select count(*) as n from contact_tags t join contact_records r on r.id = t.contact_id where t.tag_id = :id and r.deleted_at is null

-- name: company_count (any account)
-- How many live companies that the caller sees have a tag of the account.
select count(*) as n from company_tags t join company_records r on r.id = t.company_id
where t.tag_id = :id and r.deleted_at is null{visible}

-- name: company_live (any account)
-- How many live companies have a tag of the account, whoever may see them.
select count(*) as n from company_tags t join company_records r on r.id = t.company_id where t.tag_id = :id and r.deleted_at is null

-- name: deal_count (any account)
-- How many live deals that the caller sees have a tag of the account.
select count(*) as n from deal_tags t join deal_records r on r.id = t.deal_id
where t.tag_id = :id and r.deleted_at is null{visible}

-- name: deal_live (any account)
-- How many live deals have a tag of the account, whoever may see them.
select count(*) as n from deal_tags t join deal_records r on r.id = t.deal_id where t.tag_id = :id and r.deleted_at is null

-- name: contact_users (any account)
-- The contacts that have a tag of the account, deleted ones too.
select contact_id as id from contact_tags where tag_id = :id

-- name: company_users (any account)
-- The companies that have a tag of the account, deleted ones too.
select company_id as id from company_tags where tag_id = :id

-- name: deal_users (any account)
-- The deals that have a tag of the account, deleted ones too.
select deal_id as id from deal_tags where tag_id = :id
