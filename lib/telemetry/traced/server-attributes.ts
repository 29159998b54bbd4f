import type { Attributes } from "@opentelemetry/api";
import type { Location } from "#rag/ports.ts";
import { ATTR } from "#telemetry/attributes.ts";

/** Where a service is; nothing for what runs in this process. */
export function serverAttributes({ address, port }: Location): Attributes {
  return {
    ...(address !== undefined && { [ATTR.serverAddress]: address }),
    ...(port !== undefined && { [ATTR.serverPort]: port }),
  };
}
