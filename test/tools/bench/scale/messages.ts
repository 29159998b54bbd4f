/** What the parent asks of a process that holds one store, and what that answers. */
export type Ask =
  | { kind: "ingest"; chunks: number }
  /** Asks the n-th question of the list, once per {@link Filtered}. */
  | { kind: "query"; number: number }
  | { kind: "memory" };

export interface Ingested {
  chunks: number;
  seconds: number;
}

/** Milliseconds of one query: all of it, its search alone, and what the process computed meanwhile on all cores. */
export interface QueryTime {
  total: number;
  search: number;
  cpu: number;
}

/** Without a filter, and with one that leaves one document in ten. */
export interface Queried {
  all: QueryTime;
  filtered: QueryTime;
}

/** Bytes: resident before the store was opened, and the most since then. */
export interface Memory {
  before: number;
  peak: number;
}

/** How a store process is started, as JSON in its arguments. */
export interface StoreSettings {
  /** Where to find the real documents and questions; absent: this repository's documentation. */
  dataset?: string;
  /** A SQLite file or a Qdrant collection. */
  store: { path: string } | { url: string; apiKey?: string; collection: string };
}

export interface IngestSettings {
  dataset?: string;
  dataDir: string;
  documents: number;
  workers: number;
}

export interface RealIngest extends Ingested {
  workers: number;
  memory: Memory;
}
