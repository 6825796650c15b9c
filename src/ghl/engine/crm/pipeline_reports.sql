-- name: outcomes
-- How the deals of the cohort stand, and how long it took to win them.
select r.status, count(*) as number from deal_records r
where r.account_id = :account_id and r.pipeline_id = :pipeline_id and r.deleted_at is null
and r.opened_at >= :since and r.opened_at < :until and (:owner_id = 0 or r.owner_id = :owner_id){visible}
group by r.status

-- name: won
-- When the deals of the cohort that were won began and ended, a portion at a time.
select r.id, r.opened_at, r.closed_at from deal_records r
where r.account_id = :account_id and r.pipeline_id = :pipeline_id and r.deleted_at is null and r.status = 'won'
and r.opened_at >= :since and r.opened_at < :until and (:owner_id = 0 or r.owner_id = :owner_id)
and r.closed_at is not null and r.id > :after{visible} order by r.id limit 5000

-- name: reasons
-- Why deals of the cohort were lost or abandoned.
select r.lost_reason as reason, count(*) as number from deal_records r
where r.account_id = :account_id and r.pipeline_id = :pipeline_id and r.deleted_at is null
and r.status in ('lost', 'abandoned')
and r.opened_at >= :since and r.opened_at < :until and (:owner_id = 0 or r.owner_id = :owner_id){visible}
group by r.lost_reason order by count(*) desc, r.lost_reason limit 20

-- name: reached
-- For each stage, the deals of the cohort that were ever in it and what became of them.
with stays as (
  select v.deal_id, v.stage_id, max(v.seconds) as seconds from stage_visits v
  where v.account_id = :account_id and v.pipeline_id = :pipeline_id group by v.deal_id, v.stage_id),
furthest as (
  select y.deal_id, max(case when s.sets_status is null then s.position else -1 end) as position
  from stays y join stages s on s.id = y.stage_id where s.retired = 0 group by y.deal_id)
select s.id as stage_id, count(*) as entered,
  sum(case when f.position > s.position or r.status = 'won' then 1 else 0 end) as advanced,
  sum(case when r.status in ('lost', 'abandoned') and f.position <= s.position then 1 else 0 end) as lost,
  sum(case when r.status = 'open' and r.stage_id = s.id then 1 else 0 end) as here
from stays y join stages s on s.id = y.stage_id join deal_records r on r.id = y.deal_id
join furthest f on f.deal_id = y.deal_id
where r.account_id = :account_id and r.pipeline_id = :pipeline_id and r.deleted_at is null and s.retired = 0
and r.opened_at >= :since and r.opened_at < :until and (:owner_id = 0 or r.owner_id = :owner_id){visible}
group by s.id

-- name: unknown
-- For each stage, the deals of the cohort that came from elsewhere behind it, with no word of having been in it.
select s.id as stage_id, count(*) as number
from stage_visits v join stages f on f.id = v.stage_id join deal_records r on r.id = v.deal_id
join stages s on s.pipeline_id = v.pipeline_id and s.retired = 0 and s.sets_status is null
where v.account_id = :account_id and v.pipeline_id = :pipeline_id and v.blind = 1
and (s.position < f.position or f.sets_status is not null)
and not exists (select 1 from stage_visits o where o.deal_id = v.deal_id and o.stage_id = s.id)
and r.pipeline_id = :pipeline_id and r.deleted_at is null
and r.opened_at >= :since and r.opened_at < :until and (:owner_id = 0 or r.owner_id = :owner_id){visible}
group by s.id

-- name: stays
-- For each stage, how long finished stays of the cohort were, where it is known when they began: average and median seconds.
select stage_id, avg(seconds) as average,
  avg(case when place in ((number + 1) / 2, (number + 2) / 2) then seconds end) as median
from (
  select v.stage_id, v.seconds, row_number() over (partition by v.stage_id order by v.seconds) as place,
    count(*) over (partition by v.stage_id) as number
  from stage_visits v join deal_records r on r.id = v.deal_id
  where v.account_id = :account_id and v.pipeline_id = :pipeline_id and v.seconds is not null
  and (v.blind = 0 or v.entered_at < r.created_at) and r.deleted_at is null and r.pipeline_id = :pipeline_id
  and r.opened_at >= :since and r.opened_at < :until and (:owner_id = 0 or r.owner_id = :owner_id){visible}
) as finished group by stage_id

-- name: stale
-- How many open deals have been in their stage since before a moment.
select count(*) as n from deal_records r
where r.account_id = :account_id and r.pipeline_id = :pipeline_id and r.status = 'open' and r.deleted_at is null
and r.stage_entered_at < :before and (:owner_id = 0 or r.owner_id = :owner_id){visible}

-- name: stalest
-- Those that have been there longest.
select r.id from deal_records r
where r.account_id = :account_id and r.pipeline_id = :pipeline_id and r.status = 'open' and r.deleted_at is null
and r.stage_entered_at < :before and (:owner_id = 0 or r.owner_id = :owner_id){visible}
order by r.stage_entered_at, r.id limit 20

-- name: forecast
-- Open deals by the month they should close in and by currency; weighted in hundredths.
select substr(r.close_key, 1, 7) as month, r.amount_currency as currency, count(*) as number,
  sum(r.amount) as amount, sum(r.amount * coalesce(r.probability, s.probability)) as weighted
from deal_records r join stages s on s.id = r.stage_id
where r.account_id = :account_id and r.pipeline_id = :pipeline_id and r.status = 'open' and r.deleted_at is null
and r.amount_currency <> '' and (:owner_id = 0 or r.owner_id = :owner_id){visible}
group by substr(r.close_key, 1, 7), r.amount_currency order by substr(r.close_key, 1, 7), r.amount_currency
