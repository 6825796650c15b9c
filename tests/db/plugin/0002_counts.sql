CREATE TABLE visit_counts (place {text} NOT NULL PRIMARY KEY, n BIGINT NOT NULL) {rowless};
-- only: sqlite
CREATE TRIGGER visits_counted AFTER INSERT ON visits BEGIN
  INSERT INTO visit_counts (place, n) VALUES (new.place, CASE WHEN new.note = ';' THEN 2 ELSE 1 END)
    ON CONFLICT (place) DO UPDATE SET n = n + 1;
  UPDATE visits SET note = 'counted;' WHERE id = new.id;
END;
-- end
-- only: postgres
CREATE FUNCTION count_visit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO visit_counts (place, n) VALUES (new.place, 1)
    ON CONFLICT (place) DO UPDATE SET n = visit_counts.n + 1;
  new.note := 'counted;';
  RETURN new;
END $$;
CREATE TRIGGER visits_counted BEFORE INSERT ON visits FOR EACH ROW EXECUTE FUNCTION count_visit();
-- end
INSERT INTO visits (place) VALUES ('Faro');
