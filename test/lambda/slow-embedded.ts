/** Bundled in place of lib/compose/embedded.ts: the embedded parts, with a vector search that never ends. */
import { createEmbedded as createReal } from "../../lib/compose/embedded.ts";

export { createEmbeddedModels, openEmbeddedStore } from "../../lib/compose/embedded.ts";

export const createEmbedded: typeof createReal = async (dataDir, onCacheError) => {
  const ports = await createReal(dataDir, onCacheError);
  const search: typeof ports.store.search = () => new Promise(() => setInterval(() => {}, 60_000));
  // Not spread: a store's methods may be its class's.
  return { ...ports, store: Object.assign(Object.create(ports.store), { search }) };
};
