import { locationOf } from "#rag/identity.ts";
import type { Call, Hit, SearchFilter, VectorStore } from "#rag/ports.ts";

/** A control character: validation rejects it in document ids and metadata keys. */
const SEPARATOR = "\u001f";
/** The metadata key of a document's tenant. */
const OWNER = `${SEPARATOR}tenant`;

/**
 * Isolates tenants in a shared store: each call only sees and changes the documents of `call.tenant`. In the wrapped
 * store a document id is `tenant U+001F id`, and every search is filtered by tenant. Documents that were stored without
 * this wrapper belong to no tenant.
 *
 * @throws Error for a call without a tenant, and when the wrapped store returns a document of another tenant
 */
export function createTenantStore(store: VectorStore): VectorStore {
  const { system, collection } = store;

  return {
    system,
    collection,
    ...locationOf(store),
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

    async list({ filter, prefix: wanted = "", ...request }, call) {
      const prefix = prefixOf(call);
      const owned = ownedBy(call, filter);
      if (!owned) return { documents: [] };
      const { documents, ...rest } = await store.list({ ...request, prefix: prefix + wanted, filter: owned }, call);
      return { ...rest, documents: documents.map((document) => ({ ...document, id: ownId(document.id, prefix) })) };
    },

    async get(documentId, { filter, ...request }, call) {
      const prefix = prefixOf(call);
      const owned = ownedBy(call, filter);
      const document = owned && (await store.get(prefix + documentId, { ...request, filter: owned }, call));
      if (!document) return undefined;
      const { [OWNER]: _, ...metadata } = document.metadata;
      return { ...document, id: ownId(document.id, prefix), metadata };
    },

    async search({ filter, ...request }, call) {
      const prefix = prefixOf(call);
      const owned = ownedBy(call, filter);
      if (!owned) return [];
      const hits = await store.search({ ...request, filter: owned }, call);
      return hits.map((hit): Hit => ({ ...hit, documentId: ownId(hit.documentId, prefix) }));
    },
  };
}

/** The filter, for the caller's documents only; `undefined` when it matches nothing. */
function ownedBy(call: Call | undefined, filter: SearchFilter | undefined): SearchFilter | undefined {
  const { metadata } = filter ?? {};
  // An empty condition matches nothing; with the owner added it would no longer be empty.
  if (metadata && Object.keys(metadata).length === 0) return undefined;
  return { ...filter, metadata: { ...metadata, [OWNER]: [tenantOf(call)] } };
}

function tenantOf(call: Call | undefined): string {
  if (!call?.tenant) throw new Error("a call of the tenant store has no tenant");
  return call.tenant;
}

function prefixOf(call: Call | undefined): string {
  return tenantOf(call) + SEPARATOR;
}

function ownId(id: string, prefix: string): string {
  if (!id.startsWith(prefix)) throw new Error("the store returned a document of another tenant");
  return id.slice(prefix.length);
}
