-- name: of_account
-- Every stage of the account's pipelines, those that were removed too: deals and visits still name them.
select s.id, s.public_id, s.pipeline_id, s.name, s.name_key, s.position, s.probability, s.sets_status, s.retired,
  p.name as pipeline
from stages s join pipelines p on p.id = s.pipeline_id
where s.account_id = :account_id order by s.pipeline_id, s.retired, s.position, s.id

-- name: pipelines
-- Live pipelines in their order.
select id, name from pipelines where account_id = :account_id and deleted_at is null order by position, id
