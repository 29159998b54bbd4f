/** Incremented with every change of the tables or of the words that a text is indexed by; stored in `user_version`. */
export const SCHEMA_VERSION = 2;

/** Milliseconds since 1970. Files that were created without this column get it when they are opened. */
export const UPDATED_AT = "updated_at INTEGER";

/** Vectors per block of the vector table: sqlite-vec allocates and frees whole blocks. */
export const VECTORS_PER_BLOCK = 1024;

/**
 * The SQL that creates the tables of an embedded store. `number` is SQLite's rowid; `chunks`, `words` and `vectors`
 * share it. Vectors are in a vec0 table: finding the ten nearest of 10,000 × 512 took 6.1 ms, with a BLOB column 13.7.
 */
export function schema(dimensions: number): string {
  return `
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

    -- Marks (M*) are part of words: without them Thai and Hindi words are split. Not contentless: with
    -- contentless_delete the row count that BM25 reads never decreases.
    CREATE VIRTUAL TABLE words USING fts5 (
      title, heading, text,
      tokenize = "porter unicode61 remove_diacritics 2 categories 'L* M* N* Co'"
    );

    CREATE VIRTUAL TABLE vectors USING vec0 (
      vector float[${dimensions}] distance_metric=L2, chunk_size=${VECTORS_PER_BLOCK}
    );

    -- age: increases with every new key.
    CREATE TABLE embeddings (age INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, vector BLOB NOT NULL) STRICT;

    PRAGMA user_version = ${SCHEMA_VERSION};
  `;
}
