import type { Schemas } from "@qdrant/js-client-rest";
import type { Call } from "#rag/ports.ts";
import { malformed } from "./qdrant-error.ts";
import { type Head, headId, headOf, type StoredPoint } from "./qdrant-points.ts";

/** More heads than these make a search longer than the round trip that they save. */
const AHEAD_LIMIT = 100;

/** The current version of each document, `undefined` where there is none. */
export type Versions = Map<string, string | undefined>;

export type ReadHeads = (documentIds: readonly string[], call?: Call) => Promise<Map<string, Head>>;

/** A query that goes along with a search, and what its answer says. */
export interface HeadsQuery {
  query: Schemas["QueryRequest"];
  versionsIn(points: readonly StoredPoint[]): Versions;
}

/**
 * Which versions of documents are the documents. The heads of those found before are read together with the next
 * search, which says as much as reading them after it: between the two a document may change either way. Only those
 * found for the first time are asked for, and all once more documents were found than are read ahead.
 */
export function createCurrentVersions(headsOf: ReadHeads, attempted: string) {
  /** Documents found so far, by the id of their head. */
  const found = new Map<string, string>();

  return {
    ahead(): HeadsQuery | undefined {
      if (found.size === 0 || found.size > AHEAD_LIMIT) return undefined;
      const ids = [...found.keys()];
      return {
        query: { filter: { must: [{ has_id: ids }] }, limit: ids.length, with_payload: ["current", "chunks"] },
        versionsIn(points) {
          const versions: Versions = new Map(ids.map((id) => [found.get(id) ?? "", undefined]));
          for (const point of points) {
            const documentId = found.get(String(point.id));
            const head = headOf(point);
            if (documentId === undefined || !head) throw malformed(attempted);
            versions.set(documentId, head.current);
          }
          return versions;
        },
      };
    },

    async of(documentIds: readonly string[], known: Versions = new Map(), call?: Call): Promise<Versions> {
      const unknown = [...new Set(documentIds)].filter((id) => !known.has(id));
      if (unknown.length === 0) return known;
      for (const id of unknown) if (found.size <= AHEAD_LIMIT) found.set(headId(id), id);
      const heads = await headsOf(unknown, call);
      return new Map([...known, ...unknown.map((id) => [id, heads.get(id)?.current] as const)]);
    },
  };
}
