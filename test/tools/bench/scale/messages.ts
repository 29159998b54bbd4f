/** Requests from the parent to a process that holds one store. */
export type StoreRequest =
  | { kind: "ingest"; chunks: number }
  /** Runs the n-th question, once without and once with a filter. */
  | { kind: "query"; number: number }
  | { kind: "memory" }
  /** How many of the ten nearest chunks the embedded store finds, on average of some questions. */
  | { kind: "recall" };

export interface Ingested {
  chunks: number;
  seconds: number;
}

/** Milliseconds of one query: in total, of its search, and CPU time of the process meanwhile on all cores. */
export interface QueryTime {
  total: number;
  search: number;
  cpu: number;
}

/** Without a filter, and with one that matches one document in ten. */
export interface Queried {
  all: QueryTime;
  filtered: QueryTime;
}

/** Resident bytes before the store was opened, and the peak since then. */
export interface Memory {
  before: number;
  peak: number;
}

/** Settings of a store process, passed as JSON in its arguments. */
export interface StoreSettings {
  /** Folder of the real documents and questions, by default this repository's documentation. */
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
