-- name: taken
-- The live custom field of a noun with this name.
select id, public_id from field_definitions
where account_id = :account_id and noun = :noun and name_key = :key and deleted_at is null

-- name: named
-- The live custom fields with this name, of any noun.
select id, noun from field_definitions where account_id = :account_id and name = :name and deleted_at is null

-- name: of_noun
-- The custom fields of a noun, deleted ones too.
select id, deleted_at from field_definitions where account_id = :account_id and noun = :noun order by id

-- name: empty_index (any account)
-- Forget the indexed values of a field of the account.
delete from field_values where field_id = :id

-- name: add_index (any account)
-- Index a value of a field of the account.
insert into field_values (field_id, record_id, text_key, number_key) values (:field_id, :record_id, :text, :number)
