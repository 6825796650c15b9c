-- What people ask in SQL, here, in Datasette and in sqlite-utils: views whose names and columns stay. They hold
-- what is not deleted; amounts are in minor units, times ISO 8601 in UTC.

CREATE VIEW contacts AS
  select r.public_id as id, r.created_at, r.updated_at, r.first_name, r.last_name,
    nullif(trim(coalesce(r.first_name, '') || ' ' || coalesce(r.last_name, '')), '') as name,
    (select a.address from contact_addresses a where a.contact_id = r.id and a.kind = 1 and a.is_primary = 1) as email,
    (select a.address from contact_addresses a where a.contact_id = r.id and a.kind = 2 and a.is_primary = 1) as phone,
    (select y.name from contact_companies l join company_records y on y.id = l.company_id
      where l.contact_id = r.id and y.deleted_at is null order by l.is_primary desc, l.company_id limit 1) as company,
    r.job_title,
    (select {names} from contact_tags t join tags g on g.id = t.tag_id where t.contact_id = r.id) as tags,
    (select u.name from users u where u.id = r.owner_id) as owner,
    r.lifecycle_stage, r.lead_score, r.source, r.street, r.city, r.state, r.postal_code, r.country, r.website,
    r.birthday, r.zone, r.locale, r.external_id, nullif(r.last_activity_at, '') as last_activity_at, r.custom,
    (select y.name from accounts y where y.id = r.account_id) as account
  from contact_records r where r.deleted_at is null;

CREATE VIEW companies AS
  select r.public_id as id, r.created_at, r.updated_at, r.name, r.domain, r.phone, r.website, r.industry,
    r.employees, r.founded, case when r.revenue_currency <> '' then r.revenue end as revenue_minor,
    nullif(r.revenue_currency, '') as revenue_currency, r.street, r.city, r.state, r.postal_code, r.country,
    r.external_id, (select u.name from users u where u.id = r.owner_id) as owner,
    (select {names} from company_tags t join tags g on g.id = t.tag_id where t.company_id = r.id) as tags, r.custom,
    (select y.name from accounts y where y.id = r.account_id) as account
  from company_records r where r.deleted_at is null;

CREATE VIEW deals AS
  select r.public_id as id, r.created_at, r.updated_at, r.name,
    case when r.amount_currency <> '' then r.amount end as amount_minor,
    nullif(r.amount_currency, '') as amount_currency, p.name as pipeline, s.name as stage, r.status, r.lost_reason,
    coalesce(r.probability, s.probability) as probability, r.stage_entered_at,
    (select y.name from company_records y where y.id = r.company_id and y.deleted_at is null) as company,
    (select u.name from users u where u.id = r.owner_id) as owner,
    (select {names} from deal_tags t join tags g on g.id = t.tag_id where t.deal_id = r.id) as tags,
    r.opened_at, r.closed_at, r.expected_close_on, r.source, r.external_id, r.custom,
    (select y.name from accounts y where y.id = r.account_id) as account
  from deal_records r join pipelines p on p.id = r.pipeline_id join stages s on s.id = r.stage_id
  where r.deleted_at is null;

CREATE VIEW deal_stages AS
  select d.public_id as deal_id, d.name as deal, p.name as pipeline, s.name as stage, v.entered_at, v.left_at,
    v.seconds, v.actor
  from stage_visits v join deal_records d on d.id = v.deal_id and d.deleted_at is null
    join pipelines p on p.id = v.pipeline_id join stages s on s.id = v.stage_id;

CREATE VIEW products AS
  select r.public_id as id, r.created_at, r.updated_at, r.name, r.sku, r.family,
    case when r.price_currency <> '' then r.price end as price_minor,
    nullif(r.price_currency, '') as price_currency, r.active, r.custom,
    (select y.name from accounts y where y.id = r.account_id) as account
  from product_records r where r.deleted_at is null;

CREATE VIEW tasks AS
  select r.public_id as id, r.created_at, r.updated_at, r.title, r.kind, r.priority, r.status,
    nullif(r.due_at, '9999-12-31T00:00:00.000Z') as due_at, r.done_at,
    (select u.name from users u where u.id = r.owner_id) as owner,
    (select nullif(trim(coalesce(c.first_name, '') || ' ' || coalesce(c.last_name, '')), '')
      from contact_records c where c.id = r.contact_id and c.deleted_at is null) as contact,
    (select y.name from company_records y where y.id = r.company_id and y.deleted_at is null) as company,
    (select d.name from deal_records d where d.id = r.deal_id and d.deleted_at is null) as deal, r.external_id, r.custom,
    (select y.name from accounts y where y.id = r.account_id) as account
  from task_records r where r.deleted_at is null;

CREATE VIEW notes AS
  select r.public_id as id, r.created_at, r.updated_at, r.body, r.pinned, r.author,
    (select nullif(trim(coalesce(c.first_name, '') || ' ' || coalesce(c.last_name, '')), '')
      from contact_records c where c.id = r.contact_id and c.deleted_at is null) as contact,
    (select y.name from company_records y where y.id = r.company_id and y.deleted_at is null) as company,
    (select d.name from deal_records d where d.id = r.deal_id and d.deleted_at is null) as deal, r.external_id, r.custom,
    (select y.name from accounts y where y.id = r.account_id) as account
  from note_records r where r.deleted_at is null;

CREATE VIEW activities AS
  select r.public_id as id, r.created_at, r.updated_at, r.kind, r.direction, r.outcome, r.subject, r.seconds, r.at,
    (select u.name from users u where u.id = r.owner_id) as owner,
    (select nullif(trim(coalesce(c.first_name, '') || ' ' || coalesce(c.last_name, '')), '')
      from contact_records c where c.id = r.contact_id and c.deleted_at is null) as contact,
    (select y.name from company_records y where y.id = r.company_id and y.deleted_at is null) as company,
    (select d.name from deal_records d where d.id = r.deal_id and d.deleted_at is null) as deal, r.external_id, r.custom,
    (select y.name from accounts y where y.id = r.account_id) as account
  from activity_records r where r.deleted_at is null;

CREATE VIEW messages AS
  select (select substr(value, 1, 8) || '-' || substr(value, 9, 4) || '-8' || substr(value, 13, 3) || '-8' ||
      substr(value, 16, 3) || '-' from store where name = 'identity') || {row o.id} as id, c.name as channel,
    case o.state when 0 then 'queued' when 1 then 'claimed' when 2 then 'sending' when 3 then 'sent'
      when 4 then 'deferred' when 5 then 'failed' when 6 then 'unknown' when 7 then 'skipped' else 'undone' end as state,
    d.address, d.subject, d.reason, d.rule, d.code, d.message_id, {iso d.at} as at, {iso d.sent_at} as sent_at,
    (select m.name from template_versions v join templates m on m.id = v.template_id
      where v.id = d.template_version_id) as template,
    (select nullif(trim(coalesce(p.first_name, '') || ' ' || coalesce(p.last_name, '')), '')
      from contact_records p where p.id = o.subject_id and p.deleted_at is null) as contact,
    (select p.public_id from contact_records p where p.id = o.subject_id and p.deleted_at is null) as contact_id,
    (select y.name from accounts y where y.id = o.account_id) as account
  from outbox o join words c on c.id = o.channel left join message_details d on d.outbox_id = o.id;

CREATE VIEW runs AS
  select d.public_id as id, w.name as workflow,
    case e.state when 1 then 'live' when 2 then 'parked' when 3 then 'done' when 4 then 'exited' else 'failed' end as state,
    case when e.state < 3 then s.name end as step, {iso e.run_at} as run_at, {iso d.entered_at} as entered_at,
    {iso d.ended_at} as ended_at, d.outcome,
    (select nullif(trim(coalesce(p.first_name, '') || ' ' || coalesce(p.last_name, '')), '')
      from contact_records p where p.id = e.person_id and p.deleted_at is null) as contact,
    (select y.name from accounts y where y.id = e.account_id) as account
  from enrollments e join enrollment_details d on d.enrollment_id = e.id join workflows w on w.id = e.workflow_id
    left join workflow_steps s on s.id = e.step_id;

CREATE VIEW history AS
  select c.id, c.change_set_id as change_set, n.name as noun, c.version, {iso s.at} as at, s.actor, c.before, c.after,
    (select y.name from accounts y where y.id = s.account_id) as account
  from changes c join change_sets s on s.id = c.change_set_id join words n on n.id = c.noun;
