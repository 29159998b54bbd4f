import type { Identity } from "./ports.ts";

/** Only the identity of a port, for wrappers: spreading a provider that is a class would lose its private state. */
export function identityOf({ provider, model, address }: Identity): Identity {
  return { provider, model, ...(address !== undefined && { address }) };
}
