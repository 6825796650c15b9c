-- name: used
-- The bytes of a contact's live files.
select sum(size) as n from attachments where account_id = :account_id and contact_id = :id and deleted_at is null

-- name: keep
-- Keep a content once, however many files have it.
insert into attachment_contents (account_id, digest, content) values (:account_id, :digest, :content)
on conflict (account_id, digest) do nothing

-- name: content
-- A content.
select content from attachment_contents where account_id = :account_id and digest = :digest
