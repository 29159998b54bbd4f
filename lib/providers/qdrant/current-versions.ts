import type { Schemas } from "@qdrant/js-client-rest";
import type { Call } from "#rag/ports.ts";
import { type DocumentManifest, manifestId, manifestsIn, type StoredPoint } from "./points.ts";

/** More manifests than these make a search longer than the round trip that they save. */
const AHEAD_LIMIT = 100;

/** The current version of each document, `undefined` where there is none. */
export type Versions = Map<string, string | undefined>;

export type ReadManifests = (documentIds: readonly string[], call?: Call) => Promise<Map<string, DocumentManifest>>;

/** A query that goes along with a search, and what its answer says. */
export interface ManifestsQuery {
  query: Schemas["QueryRequest"];
  versionsIn(points: readonly StoredPoint[]): Versions;
}

/**
 * Which versions of documents are the documents. The manifests of those found before are read together with the next
 * search, which says as much as reading them after it: between the two a document may change either way. Only those
 * found for the first time are asked for, and all once more documents were found than are read ahead.
 */
export function createCurrentVersions(manifestsOf: ReadManifests, attempted: string) {
  /** Documents found so far, by the id of their manifest. */
  const found = new Map<string, string>();

  return {
    ahead(): ManifestsQuery | undefined {
      if (found.size === 0 || found.size > AHEAD_LIMIT) return undefined;
      const asked = new Map(found);
      const filter = { must: [{ has_id: [...asked.keys()] }] };
      return {
        query: { filter, limit: asked.size, with_payload: ["current", "chunks"] },
        versionsIn: (points) => versionsOf([...asked.values()], manifestsIn(points, asked, attempted)),
      };
    },

    async of(documentIds: readonly string[], known: Versions = new Map(), call?: Call): Promise<Versions> {
      const unknown = [...new Set(documentIds)].filter((id) => !known.has(id));
      if (unknown.length === 0) return known;
      for (const id of unknown) if (found.size <= AHEAD_LIMIT) found.set(manifestId(id), id);
      return new Map([...known, ...versionsOf(unknown, await manifestsOf(unknown, call))]);
    },
  };
}

function versionsOf(documentIds: readonly string[], manifests: ReadonlyMap<string, DocumentManifest>): Versions {
  return new Map(documentIds.map((id) => [id, manifests.get(id)?.current]));
}
