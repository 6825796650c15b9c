-- Notes, tasks and activities know their ids in other systems.

ALTER TABLE activity_records ADD COLUMN external_id {text};
CREATE INDEX activities_external ON activity_records (account_id, external_id) WHERE external_id IS NOT NULL;

ALTER TABLE note_records ADD COLUMN external_id {text};
CREATE INDEX notes_external ON note_records (account_id, external_id) WHERE external_id IS NOT NULL;

ALTER TABLE task_records ADD COLUMN external_id {text};
CREATE INDEX tasks_external ON task_records (account_id, external_id) WHERE external_id IS NOT NULL;
