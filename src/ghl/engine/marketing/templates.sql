-- name: add_version
-- A template's text as it is from now on.
insert into template_versions (account_id, template_id, number, kind, subject, html, body, digest)
select :account_id, :template_id, coalesce(max(number), 0) + 1, :kind, :subject, :html, :body, :digest
from template_versions where account_id = :account_id and template_id = :template_id

-- name: newest
-- The number of a template's newest version.
select max(number) as n from template_versions where account_id = :account_id and template_id = :id

-- name: users
-- Active and paused workflows whose current version sends a template.
select distinct w.name from workflows w join workflow_steps s on s.version_id = w.version_id
where w.account_id = :account_id and w.status in ('active', 'paused') and w.deleted_at is null
and s.arguments like :public_id

-- name: current
-- The newest version of the template with this id.
select v.id, v.kind from template_versions v join templates t on t.id = v.template_id
where t.account_id = :account_id and t.public_id = :public_id order by v.number desc limit 1

-- name: version
-- One version, with the template's name.
select v.*, t.name, t.public_id from template_versions v join templates t on t.id = v.template_id
where v.account_id = :account_id and v.id = :id
