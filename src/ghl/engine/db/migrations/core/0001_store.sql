-- What a store says of itself: its random identity and the version of the program that made its schema.
CREATE TABLE store (name {text} NOT NULL PRIMARY KEY, value {text} NOT NULL);
