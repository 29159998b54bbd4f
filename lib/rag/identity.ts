import type { Identity } from "./ports.ts";

/** The identity of a port alone: a provider may be a class with private state, which a spread would lose. */
export function identityOf({ provider, model, address }: Identity): Identity {
  return { provider, model, ...(address !== undefined && { address }) };
}
