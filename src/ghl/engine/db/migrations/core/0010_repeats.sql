-- Answers to writes that carried a key, for a day: who sends one again gets the same answer, and nothing is done twice.

CREATE TABLE repeats (
  account_id BIGINT NOT NULL, key {text} NOT NULL, digest {text} NOT NULL, at BIGINT NOT NULL,
  answer TEXT, outcome TEXT, PRIMARY KEY (account_id, key)) {rowless};
CREATE INDEX repeats_at ON repeats (at);
