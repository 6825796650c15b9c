-- Visits; the comment's semicolon; is no end of a statement.
CREATE TABLE visits (id {key}, place {text} NOT NULL, note {text} NOT NULL DEFAULT 'a; b -- c') {fill};
CREATE INDEX visits_place ON visits (place);
INSERT INTO visits (place) VALUES ('Porto; Lisbon');
