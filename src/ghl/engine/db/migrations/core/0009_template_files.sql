-- Templates in Markdown, and the file and lines that a template was read from.

ALTER TABLE templates ADD COLUMN markdown TEXT;
ALTER TABLE templates ADD COLUMN origin TEXT;
ALTER TABLE template_versions ADD COLUMN markdown TEXT;
ALTER TABLE template_versions ADD COLUMN origin TEXT;
