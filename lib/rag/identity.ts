import type { Embedder, Identity, Location } from "./ports.ts";

/** Only the identity of a port, for wrappers: spreading a provider that is a class would lose its private state. */
export function identityOf(port: Identity): Identity {
  const { provider, model } = port;
  return { provider, model, ...locationOf(port) };
}

/** Only the location of a port, likewise. */
export function locationOf({ address, port }: Location): Location {
  return { ...(address !== undefined && { address }), ...(port !== undefined && { port }) };
}

/** The location of a service with this URL. */
export function locationAt(url: string | URL): Required<Location> {
  const { hostname, port, protocol } = new URL(url);
  return { address: hostname, port: Number(port) || (protocol === "https:" ? 443 : 80) };
}

/** Everything of an embedder but `embed`, for wrappers. */
export function traitsOf(embedder: Embedder): Omit<Embedder, "embed"> {
  const { dimensions, prefixes, readCache } = embedder;
  return { ...identityOf(embedder), dimensions, ...(prefixes && { prefixes }), ...(readCache && { readCache }) };
}
