import { DatabaseSync } from "node:sqlite";
import { TOKENIZER } from "#providers/sqlite/schema.ts";
import { statementCache } from "#providers/sqlite/statements.ts";

/**
 * Returns a function that divides words into the tokens that FTS5 indexes, their stems. FTS5 does it itself, in a table
 * in memory.
 */
export function createTokens(): (words: readonly string[]) => string[][] {
  const database = new DatabaseSync(":memory:");
  database.exec(`
    CREATE VIRTUAL TABLE question USING fts5 (word, content = '', tokenize = "${TOKENIZER}");
    CREATE VIRTUAL TABLE tokens USING fts5vocab (question, instance);
  `);
  const sql = statementCache(database);

  return (words) => {
    sql("INSERT INTO question (rowid, word) SELECT key, value FROM json_each(?)").run(JSON.stringify(words));
    const tokens = words.map((): string[] => []);
    for (const { doc, term } of sql("SELECT doc, term FROM tokens ORDER BY doc, offset").all()) {
      tokens[Number(doc)]?.push(String(term));
    }
    sql("INSERT INTO question (question) VALUES ('delete-all')").run();
    return tokens;
  };
}
