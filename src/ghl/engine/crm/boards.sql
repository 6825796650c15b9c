-- name: sums
-- A pipeline's live deals, counted and summed by stage, status and currency. Zero is everybody.
select r.stage_id, r.status, r.amount_currency as currency, count(*) as number, sum(r.amount) as amount
from deal_records r
where r.account_id = :account_id and r.pipeline_id = :pipeline_id and r.deleted_at is null
and (:owner_id = 0 or r.owner_id = :owner_id)
and (:contact_id = 0 or r.id in (select c.deal_id from deal_contacts c where c.contact_id = :contact_id)){visible}
group by r.stage_id, r.status, r.amount_currency order by r.amount_currency

-- name: cards
-- The biggest deals of a column.
select r.id from deal_records r
where r.account_id = :account_id and r.stage_id = :stage_id and r.deleted_at is null
and (:ending = 1 or r.status = 'open') and (:owner_id = 0 or r.owner_id = :owner_id)
and (:contact_id = 0 or r.id in (select c.deal_id from deal_contacts c where c.contact_id = :contact_id)){visible}
order by r.amount desc, r.id desc limit :limit
