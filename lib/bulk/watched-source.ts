import type { ResumeLog } from "./resume-log.ts";
import type { SentLog } from "./sent-log.ts";
import type { Source } from "./source.ts";

/** A source, and what came of reading it. */
export interface WatchedSource {
  source: Source;
  /** Ids of the documents that were read. */
  present: ReadonlySet<string>;
  /** Why it cannot be told what is gone from the source; `undefined` when it can. */
  incomplete(): string | undefined;
}

/** Watches what is read from a source. */
export function watchSource(source: Source): WatchedSource {
  const present = new Set<string>();
  let failed = source.found.unreadable.length;
  return {
    present,
    source: {
      ...source,
      async read(file, signal) {
        try {
          const item = await source.read(file, signal);
          if (item) present.add(item.document.id);
          return item;
        } catch (error) {
          if (!source.isGone(file.id)) failed += 1;
          throw error;
        }
      },
    },
    incomplete() {
      if (failed > 0) return `${failed.toLocaleString("en")} could not be read, which may still be there`;
      if (!source.isWhole()) return "not all pages were read";
      return present.size === 0 ? "there was nothing to read" : undefined;
    },
  };
}

/** The log of a run, which also records what was sent by this and earlier runs. */
export function recordSent(log: ResumeLog, sent: SentLog): ResumeLog {
  return {
    ...log,
    has(item) {
      const isAccepted = log.has(item);
      if (isAccepted) sent.add([item.document.id]);
      return isAccepted;
    },
    add(items) {
      log.add(items);
      sent.add(items.map(({ document: { id } }) => id));
    },
  };
}
