/** Incremented with every change of the tables or of the words that a text is indexed by; stored in `user_version`. */
export const SCHEMA_VERSION = 3;

/** Milliseconds since 1970. Files that were created without this column get it when they are opened. */
export const UPDATED_AT = "updated_at INTEGER";

/**
 * `vectors`: eight whole vectors a row, by chunk number. With one a row, rows of 512 dimensions would leave half of each
 * page of 4 KB unused.
 * `codes`: the sign codes of 256 vectors a row, and a bit for each that says whether there is a chunk of that number.
 */
export const VECTOR_TABLES = `
  CREATE TABLE vector_blocks (block INTEGER PRIMARY KEY, vectors BLOB NOT NULL) STRICT;
  CREATE TABLE code_blocks (
    block INTEGER PRIMARY KEY,
    used  INTEGER NOT NULL,
    mask  BLOB NOT NULL,
    codes BLOB NOT NULL
  ) STRICT;
  CREATE INDEX code_blocks_with_room ON code_blocks (block) WHERE used < 256;
  -- Increases with every change of the vectors.
  INSERT INTO meta (name, value) VALUES ('vectors', 0);
`;

/** FTS5's for the table `words`. Marks (M*) are part of words: without them Thai and Hindi words are split. */
export const TOKENIZER = "porter unicode61 remove_diacritics 2 categories 'L* M* N* Co'";

/**
 * The SQL that creates the tables of an embedded store. `number` is SQLite's rowid; `chunks` and `words` share it, and
 * it says where a vector is.
 */
export const SCHEMA = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE documents (
    number  INTEGER PRIMARY KEY,
    id      TEXT NOT NULL UNIQUE,
    title   TEXT NOT NULL,
    url     TEXT,
    version TEXT NOT NULL,
    ${UPDATED_AT}
  ) STRICT;

  CREATE TABLE chunks (
    number   INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    position INTEGER NOT NULL,
    id       TEXT NOT NULL,
    heading  TEXT NOT NULL,
    text     TEXT NOT NULL,
    UNIQUE (document, position)
  ) STRICT;

  CREATE TABLE topics (
    topic    ANY NOT NULL,
    document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    PRIMARY KEY (topic, document)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX topics_of_document ON topics (document);

  -- entry: JSON of [key, value], so that "1", 1 and true are three different values.
  CREATE TABLE metadata (
    entry    TEXT NOT NULL,
    document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    PRIMARY KEY (entry, document)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX metadata_of_document ON metadata (document);

  -- Not contentless: with contentless_delete the row count that BM25 reads never decreases.
  CREATE VIRTUAL TABLE words USING fts5 (
    title, heading, text,
    tokenize = "${TOKENIZER}"
  );

${VECTOR_TABLES}
  -- age: increases with every new key.
  CREATE TABLE embeddings (age INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, vector BLOB NOT NULL) STRICT;

  PRAGMA user_version = ${SCHEMA_VERSION};
  `;
