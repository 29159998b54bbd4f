import type { Schemas } from "@qdrant/js-client-rest";
import type { Call } from "#rag/ports.ts";
import { type DocumentManifest, manifestId, manifestsIn, type StoredPoint } from "./points.ts";

/** With more manifests than this a search gets slower by more than the round trip that prefetching saves. */
const PREFETCH_LIMIT = 100;

/** The current version of each document, `undefined` where there is none. */
export type Versions = Map<string, string | undefined>;

export type ReadManifests = (documentIds: readonly string[], call?: Call) => Promise<Map<string, DocumentManifest>>;

/** A query that is sent together with a search, and the function that reads its result. */
export interface ManifestsQuery {
  query: Schemas["QueryRequest"];
  versionsIn(points: readonly StoredPoint[]): Versions;
}

/**
 * Finds the current versions of documents. Manifests of documents that earlier searches found are read together with the
 * next search, which is as consistent as reading them after it: a document may change between the two either way. Only
 * manifests of documents found for the first time are read separately, or all manifests once more documents were found
 * than {@link PREFETCH_LIMIT}.
 */
export function createCurrentVersions(manifestsOf: ReadManifests, attempted: string) {
  /** Ids of the documents found so far, by the id of their manifest. */
  const found = new Map<string, string>();

  return {
    prefetch(): ManifestsQuery | undefined {
      if (found.size === 0 || found.size > PREFETCH_LIMIT) return undefined;
      const requested = new Map(found);
      const filter = { must: [{ has_id: [...requested.keys()] }] };
      return {
        query: { filter, limit: requested.size, with_payload: ["current", "chunks"] },
        versionsIn: (points) => versionsOf([...requested.values()], manifestsIn(points, requested, attempted)),
      };
    },

    async of(documentIds: readonly string[], known: Versions = new Map(), call?: Call): Promise<Versions> {
      const unknown = [...new Set(documentIds)].filter((id) => !known.has(id));
      if (unknown.length === 0) return known;
      for (const id of unknown) if (found.size <= PREFETCH_LIMIT) found.set(manifestId(id), id);
      return new Map([...known, ...versionsOf(unknown, await manifestsOf(unknown, call))]);
    },
  };
}

function versionsOf(documentIds: readonly string[], manifests: ReadonlyMap<string, DocumentManifest>): Versions {
  return new Map(documentIds.map((id) => [id, manifests.get(id)?.current]));
}
