/** Bundled in place of lib/compose/embedded.ts: the embedded services with a vector search that never completes. */
import { createEmbeddedClients as createReal } from "#compose/embedded.ts";

export { createEmbeddedModels, openEmbeddedStore } from "#compose/embedded.ts";

export const createEmbeddedClients: typeof createReal = async (dataDir) => {
  const clients = await createReal(dataDir);
  const search: typeof clients.store.search = () => new Promise(() => setInterval(() => {}, 60_000));
  // Not spread: the store's methods may be on its prototype.
  return { ...clients, store: Object.assign(Object.create(clients.store), { search }) };
};
