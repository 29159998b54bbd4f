/** A store that cannot be used. The message says what to do. */
export class StoreError extends Error {
  override readonly name: string = "StoreError";
}

/** By SQLite's primary result code: https://sqlite.org/rescode.html. */
const SQLITE_REASONS: Readonly<Record<number, string>> = {
  3: "permission denied; let this user read and write the file and its folder",
  5: "another process has locked it; end that process, then start again",
  6: "another process has locked it; end that process, then start again",
  8: "the file, its folder or its file system is read-only; make it writable",
  10: "reading or writing failed; check that the disk has free space and is a local one",
  11: "the file is damaged; delete it and send the documents again",
  13: "the disk is full; free some space",
  14: "it is no file that this user may read and write; check it, the files beside it and its folder",
  26: "the file is not a database; move it away",
};

/** By the code of an error of the file system. */
const FILE_REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied; let this user write in its folder",
  EPERM: "permission denied; let this user write in its folder",
  EROFS: "the file system is read-only; make it writable",
  ENOSPC: "the disk is full; free some space",
  EDQUOT: "the disk quota is used up; free some space",
  EEXIST: "a part of its path is a file, not a folder; move that file away",
  ENOTDIR: "a part of its path is a file, not a folder; move that file away",
  ENAMETOOLONG: "its path is too long; shorten it",
};

/** Explains why the store at `path` cannot be opened; an error that explains itself is returned as it is. */
export function toStoreError(error: unknown, path: string): Error {
  if (error instanceof StoreError) return error;
  const reason = reasonOf(error) ?? "it is damaged, or not a store of this program; check it and its folder";
  const message = `The embedded store ${path} cannot be opened: ${reason}, or set RAG_DATA_DIR to another folder.`;
  return new StoreError(message, { cause: error });
}

function reasonOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  // Extended result codes have the primary one in the low byte.
  if ("errcode" in error) return SQLITE_REASONS[Number(error.errcode) & 0xff];
  return "code" in error ? FILE_REASONS[String(error.code)] : undefined;
}
