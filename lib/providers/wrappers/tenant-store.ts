import type { Call, Hit, VectorStore } from "#rag/ports.ts";

/** A control character: neither a document's id nor a metadata key of a caller can have one. */
const SEPARATOR = "\u001f";
/** The metadata key that says whose a document is. */
const OWNER = `${SEPARATOR}tenant`;

/**
 * A store in which each tenant has documents of its own: its ids, versions and hits are those of `call.tenant` alone. In
 * the store below, which they share, an id is `tenant U+001F id`, and every search is for the tenant's documents only.
 * Documents that were stored without this wrapper are nobody's.
 *
 * @throws Error for a call without a tenant, and rather than return a hit of another one
 */
export function createTenantStore(store: VectorStore): VectorStore {
  const { system, collection, address } = store;

  return {
    system,
    collection,
    ...(address !== undefined && { address }),
    ping: () => store.ping(),

    async versions(documentIds, call) {
      const prefix = prefixOf(call);
      const found = await store.versions(
        documentIds.map((id) => prefix + id),
        call,
      );
      return new Map(Array.from(found, ([id, version]) => [ownId(id, prefix), version]));
    },

    async replace(document, chunks, call) {
      const id = prefixOf(call) + document.id;
      await store.replace(
        { ...document, id, metadata: { ...document.metadata, [OWNER]: tenantOf(call) } },
        chunks,
        call,
      );
    },

    async remove(documentId, call) {
      return store.remove(prefixOf(call) + documentId, call);
    },

    async search({ filter, ...request }, call) {
      const prefix = prefixOf(call);
      const { metadata } = filter ?? {};
      // An empty condition matches nothing, and would no longer be empty with the owner in it.
      if (metadata && Object.keys(metadata).length === 0) return [];
      const owned = { ...filter, metadata: { ...metadata, [OWNER]: [tenantOf(call)] } };
      const hits = await store.search({ ...request, filter: owned }, call);
      return hits.map((hit): Hit => ({ ...hit, documentId: ownId(hit.documentId, prefix) }));
    },
  };
}

function tenantOf(call: Call | undefined): string {
  if (!call?.tenant) throw new Error("a call without a tenant reached the documents of tenants");
  return call.tenant;
}

function prefixOf(call: Call | undefined): string {
  return tenantOf(call) + SEPARATOR;
}

function ownId(id: string, prefix: string): string {
  if (!id.startsWith(prefix)) throw new Error("the store found a document of another tenant");
  return id.slice(prefix.length);
}
