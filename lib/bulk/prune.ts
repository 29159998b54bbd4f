import { StopError } from "./sender.ts";
import type { SentLog } from "./sent-log.ts";
import type { StoredDocument, StoredDocuments } from "./stored-documents.ts";

export interface PruneOptions {
  stored: StoredDocuments;
  /** What this command has sent before. */
  sent: SentLog;
  /** Set when every document below it belongs to this source. */
  prefix?: string;
  /** Ids of the documents that the source has now. */
  present: ReadonlySet<string>;
  /** Whether a document may still be there, though it was not read. */
  isKept(id: string): boolean;
  dryRun: boolean;
  /** Removes without a question. */
  yes: boolean;
  /** Asks the user; absent when nobody can be asked. */
  ask?: (question: string) => Promise<boolean>;
  write(line: string): void;
  signal: AbortSignal;
}

/**
 * Removes the documents of a source that it no longer has, after a list of them and a question.
 *
 * @returns whether there is nothing left to do
 */
export async function prune(options: PruneOptions): Promise<boolean> {
  const { stored, sent, dryRun, yes, ask, write, signal } = options;
  try {
    const gone = await goneDocuments(options);
    const { length } = gone;
    if (length === 0) {
      write(sent.ids.size === 0 ? UNKNOWN : "No document is gone from the source.");
      return true;
    }
    const documents = length === 1 ? "1 document" : `${length.toLocaleString("en")} documents`;
    write(`${documents} of this source ${length === 1 ? "is" : "are"} no longer there:`);
    for (const { id, title } of gone) write(`  ${id}${title === id ? "" : ` (${title})`}`);
    if (dryRun) {
      write(`--prune would remove ${length === 1 ? "it" : "them"}.`);
      return true;
    }
    if (!yes && !ask) {
      write("Nothing was removed, as nobody can be asked here: add --yes to remove without a question.");
      return false;
    }
    if (!yes && !(await ask?.(`Remove ${length === 1 ? "this document" : `these ${documents}`}? [y/N] `))) {
      write("Nothing was removed.");
      return true;
    }
    return await removeAll(gone, { stored, sent, write, signal });
  } catch (error) {
    if (!(error instanceof StopError)) throw error;
    write(`Nothing was removed: ${error.message}`);
    return false;
  }
}

const UNKNOWN =
  "No document was removed: this command has sent none from this machine before, so none is known to be its own. " +
  "Give a folder a --prefix of its own, or remove documents with DELETE /embed/{document_id}.";

async function goneDocuments(options: PruneOptions): Promise<StoredDocument[]> {
  const { stored, sent, prefix, present, isKept, signal } = options;
  const others = sent.ofOthers();
  const isGone = (id: string): boolean => !present.has(id) && !isKept(id) && !others.has(id);
  if (prefix !== undefined) return (await stored.list(prefix, signal)).filter(({ id }) => isGone(id));
  const gone = new Set([...sent.ids].filter(isGone));
  if (gone.size === 0) return [];
  return (await stored.list(commonStart([...gone]), signal)).filter(({ id }) => gone.has(id));
}

/** The longest text that all begin with, in whole characters. */
function commonStart([first = "", ...others]: readonly string[]): string {
  let length = first.length;
  for (const other of others) {
    let same = 0;
    while (same < length && other[same] === first[same]) same += 1;
    length = same;
  }
  const start = first.slice(0, length);
  return start.isWellFormed() ? start : start.slice(0, -1);
}

async function removeAll(
  gone: readonly StoredDocument[],
  { stored, sent, write, signal }: Pick<PruneOptions, "stored" | "sent" | "write" | "signal">,
): Promise<boolean> {
  const removed: string[] = [];
  try {
    for (const { id } of gone) {
      if (signal.aborted) break;
      await stored.remove(id, signal);
      removed.push(id);
    }
  } catch (error) {
    if (!signal.aborted && !(error instanceof StopError)) throw error;
    if (!signal.aborted) write(`stopped: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    sent.remove(removed);
  }
  const left = gone.length - removed.length;
  write(`${removed.length.toLocaleString("en")} removed${left > 0 ? `, ${left.toLocaleString("en")} left` : ""}.`);
  return left === 0;
}
