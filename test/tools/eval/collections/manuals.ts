import { globSync } from "node:fs";
import { join } from "node:path";
import { readDocument } from "#bulk/read-document.ts";
import type { NewDocument } from "#rag/ingest.ts";
import { debianPackage } from "./debian.ts";

/** Packages of Debian 12, the prefix of their documents' ids, and the pages that are read of them. */
const MANUALS = [
  { from: "debian-faq=11.1", prefix: "debian-faq", folder: "usr/share/doc/debian/FAQ", pages: "*.en.html" },
  {
    from: "sqlite3-doc=3.40.1-2+deb12u2",
    prefix: "sqlite",
    folder: "usr/share/doc/sqlite3",
    pages:
      "{about,autoinc,backup,cli,datatype3,faq,features,foreignkeys,howtocorrupt,inmemorydb,isolation,lang_altertable,lang_transaction,lang_upsert,lang_vacuum,limits,pragma,quirks,serverless,threadsafe,wal,whentouse}.html",
  },
];

/**
 * The HTML pages of two manuals, Debian's FAQ and some of SQLite's documentation, as `npm run ingest` reads them.
 *
 * @throws Error in one line when a package cannot be downloaded
 */
export async function loadManuals(root: string): Promise<NewDocument[]> {
  const files = MANUALS.flatMap(({ from, prefix, folder, pages }) => {
    const cwd = join(debianPackage(from, root), folder);
    return globSync(pages, { cwd })
      .sort()
      .map((page) => ({ path: join(cwd, page), id: `${prefix}/${page}` }));
  });
  const read = await Promise.all(files.map((file) => readDocument(file, [])));
  return read.map(({ document: { id, title, text } }) => ({ id, text, ...(title !== undefined && { title }) }));
}
