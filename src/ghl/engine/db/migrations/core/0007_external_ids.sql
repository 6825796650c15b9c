-- Notes, tasks and activities know their ids in other systems.

ALTER TABLE activities ADD COLUMN external_id {text};
CREATE INDEX activities_external ON activities (account_id, external_id) WHERE external_id IS NOT NULL;

ALTER TABLE notes ADD COLUMN external_id {text};
CREATE INDEX notes_external ON notes (account_id, external_id) WHERE external_id IS NOT NULL;

ALTER TABLE tasks ADD COLUMN external_id {text};
CREATE INDEX tasks_external ON tasks (account_id, external_id) WHERE external_id IS NOT NULL;
