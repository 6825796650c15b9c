-- name: latest
-- The newest change of the account's settings.
select max(c.id) as id from changes c join change_sets s on s.id = c.change_set_id
where s.account_id = :account_id and c.noun = :noun

-- name: write
-- Write the settings of the account.
update accounts set name = :name, name_key = :key, zone = :zone, currency = :currency, country = :country,
  locale = :locale, postal_address = :postal_address, settings = :settings, version = version + 1, updated_at = :now
where id = :account_id and version = :version

-- name: named (any account)
-- Another account with this name.
select id from accounts where name_key = :key and id <> :account_id
