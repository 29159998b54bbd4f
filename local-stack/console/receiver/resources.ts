import { attributesIn } from "./attributes.ts";
import { type Fields, messageIn, textIn } from "./fields.ts";
import { LIMITS } from "./limits.ts";
import type { Resource, Scope } from "./payload.ts";

/** The resource of a ResourceSpans or ResourceMetrics. */
export function readResource(owner: Fields): Resource {
  return { attributes: attributesIn(messageIn(owner, "resource")) };
}

/** The scope of a ScopeSpans or ScopeMetrics. */
export function readScope(owner: Fields): Scope {
  const scope = messageIn(owner, "scope");
  return {
    name: textIn(scope, "name", LIMITS.nameCharacters),
    version: textIn(scope, "version", LIMITS.nameCharacters),
    attributes: attributesIn(scope),
  };
}
