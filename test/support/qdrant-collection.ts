import { type Json, type Payload, passes } from "./qdrant-filter.ts";
import { find, normalised, type Point, type Query, type Scored, type Sparse } from "./qdrant-query.ts";

/** An error with Qdrant's status and message. */
export class QdrantError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

interface NewPoint {
  id: string;
  /** By name; a bare array has the name "". */
  vector: Record<string, number[] | Sparse> | number[];
  payload?: Payload;
}

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** A collection with its points. */
export class Collection {
  readonly points = new Map<string, Point>();
  readonly #config: Payload;
  readonly #indexes: Payload = {};
  /** An index counts as two operations, as recorded. */
  #operation = 0;

  constructor(config: Payload) {
    this.#config = config;
  }

  get info(): Payload {
    const { vectors = {}, sparse_vectors = {}, metadata } = this.#config;
    const params = { shard_number: 1, replication_factor: 1, write_consistency_factor: 1, on_disk_payload: true };
    return {
      ...{ status: "green", optimizer_status: "ok", indexed_vectors_count: 0, segments_count: 2 },
      points_count: this.points.size,
      config: { params: { vectors, ...params, sparse_vectors }, ...SERVER_CONFIG, ...(metadata && { metadata }) },
      payload_schema: this.#indexes,
      update_queue: { length: 0 },
    };
  }

  index({ field_name, field_schema }: Payload): Payload {
    const schema = (typeof field_schema === "string" ? { type: field_schema } : field_schema) as Payload;
    this.#indexes[String(field_name)] = { data_type: schema.type ?? "keyword", points: this.points.size };
    this.#operation++;
    return this.#done();
  }

  upsert(points: readonly NewPoint[]): Payload {
    for (const { id } of points) {
      if (UUID.test(id) || Number.isSafeInteger(id)) continue;
      const valid = "valid values are either an unsigned integer or a UUID";
      throw new QdrantError(400, `Format error in JSON body: value ${id} is not a valid point ID, ${valid}`);
    }
    for (const { vector } of points) for (const entry of Object.entries(named(vector))) this.#checkSize(...entry);
    const done = this.#done();
    for (const { id, vector, payload = {} } of points) {
      const vectors = Object.entries(named(vector)).map(([name, value]) => {
        this.#checkName(name);
        return [name, Array.isArray(value) ? normalised(value) : value];
      });
      this.points.set(id, { id, version: this.#operation, payload, vectors: Object.fromEntries(vectors) });
    }
    return done;
  }

  delete({ points, filter }: { points?: string[]; filter?: Payload }): Payload {
    for (const { id } of points?.map((id) => ({ id })) ?? this.matching(filter)) this.points.delete(id);
    return this.#done();
  }

  setPayload({ payload, points }: { payload: Payload; points: string[] }): Payload {
    for (const id of points) Object.assign(this.points.get(id)?.payload ?? {}, payload);
    return this.#done();
  }

  matching(filter?: Payload): Point[] {
    return [...this.points.values()].filter((point) => passes(point, filter));
  }

  query(request: Query): { points: Payload[] } {
    this.#checkQuery(request);
    const idf = new Set(Object.keys((this.#config.sparse_vectors ?? {}) as Payload));
    return { points: find([...this.points.values()], request, idf).map((found) => scored(found, request)) };
  }

  #checkQuery({ query, using = "", limit = 10, prefetch }: Query): void {
    if (limit < 1) {
      const message = `[internal.limit: value ${limit} invalid, must be 1 or larger]`;
      throw new QdrantError(422, `Validation error in JSON body: ${message}`);
    }
    for (const stage of [prefetch ?? []].flat()) this.#checkQuery(stage);
    if (!Array.isArray(query) && !(query && "indices" in query)) return;
    this.#checkName(using);
    this.#checkSize(using, query, true);
  }

  /** A collection with a single kind of vector may omit its name, which is then "". */
  get #vectors(): Payload {
    const { vectors = {} } = this.#config as Record<string, Payload>;
    return typeof vectors.size === "number" ? { "": vectors } : vectors;
  }

  #checkName(name: string): void {
    const { sparse_vectors } = this.#config as Record<string, Payload>;
    if (this.#vectors[name] || sparse_vectors?.[name]) return;
    throw new QdrantError(400, `Wrong input: Not existing vector name error: ${name}`);
  }

  #checkSize(name: string, vector: number[] | Sparse, isQuery = false): void {
    if (!Array.isArray(vector)) {
      const isUnique = new Set(vector.indices).size === vector.indices.length;
      const areIndices = vector.indices.every((index) => index >= 0 && index < 2 ** 32 && Number.isInteger(index));
      if (isUnique && areIndices && vector.values.length === vector.indices.length) return;
      throw new QdrantError(422, "Validation error in JSON body: [indices: must be unique]");
    }
    const size = (this.#vectors[name] as Payload | undefined)?.size;
    if (size === undefined || size === vector.length) return;
    const of = isQuery ? "" : ` for vector '${name}'`;
    throw new QdrantError(400, `Wrong input: Vector dimension error: expected dim: ${size}, got ${vector.length}${of}`);
  }

  #done(): Payload {
    return { operation_id: ++this.#operation, status: "completed" };
  }
}

function named(vector: NewPoint["vector"]): Record<string, number[] | Sparse> {
  return Array.isArray(vector) ? { "": vector } : vector;
}

export function payloadOf({ payload }: Point, wanted: Json | undefined): { payload?: Payload } {
  if (!wanted) return {};
  const entries = Object.entries(payload).filter(([key]) => !Array.isArray(wanted) || wanted.includes(key));
  return { payload: Object.fromEntries(entries) };
}

function scored({ point, score }: Scored, { with_payload }: Query): Payload {
  return { id: point.id, version: point.version, score: Math.fround(score), ...payloadOf(point, with_payload) };
}

const SERVER_CONFIG: Payload = {
  hnsw_config: { m: 16, ef_construct: 100, full_scan_threshold: 10000, max_indexing_threads: 0, on_disk: false },
  optimizer_config: {
    ...{ deleted_threshold: 0.2, vacuum_min_vector_number: 1000, default_segment_number: 0, max_segment_size: null },
    ...{ memmap_threshold: null, indexing_threshold: 10000, flush_interval_sec: 5 },
    ...{ max_optimization_threads: null, prevent_unoptimized: null },
  },
  wal_config: { wal_capacity_mb: 32, wal_segments_ahead: 0, wal_retain_closed: 1 },
  quantization_config: null,
};
