-- name: add_version
-- A template's text as it is from now on.
insert into template_versions (account_id, template_id, number, kind, subject, html, markdown, body, digest, origin)
select :account_id, :template_id, coalesce(max(number), 0) + 1, :kind, :subject, :html, :markdown, :body, :digest, :origin
from template_versions where account_id = :account_id and template_id = :template_id

-- name: move
-- The lines of the file in which a template's newest text stands now.
update template_versions set origin = :origin where account_id = :account_id and template_id = :template_id
and number = (select max(n.number) from template_versions n where n.template_id = :template_id)

-- name: newest
-- The number of a template's newest version.
select max(number) as n from template_versions where account_id = :account_id and template_id = :id

-- name: users
-- Active and paused workflows whose current version sends a template.
select w.name, w.subject, s.arguments from workflows w join workflow_steps s on s.version_id = w.version_id
where w.account_id = :account_id and w.status in ('active', 'paused') and w.deleted_at is null
and s.arguments like :public_id order by w.id, s.position

-- name: current
-- The newest version of the template with this id.
select v.id, v.kind from template_versions v join templates t on t.id = v.template_id
where t.account_id = :account_id and t.public_id = :public_id order by v.number desc limit 1

-- name: version
-- One version, with the template's name.
select v.*, t.name, t.public_id from template_versions v join templates t on t.id = v.template_id
where v.account_id = :account_id and v.id = :id
