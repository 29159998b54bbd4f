import { createHash } from "node:crypto";
import type { ApiKey } from "#config/access.ts";
import { type Finding, notChecked, ok, problem } from "./finding.ts";

const CHECK = "smoke key";

/**
 * Whether the smoke test's key is one of the deployment's, with write access.
 *
 * @param key RAG_SMOKE_KEY of the secret, or of the shell
 */
export function checkSmokeKey(key: string | undefined, keys: readonly ApiKey[]): Finding {
  if (keys.length === 0) return ok(CHECK, "none is needed: RAG_PUBLIC is true");
  if (!key)
    return notChecked(CHECK, "RAG_SMOKE_KEY is neither in the secret nor in the shell; `npm run smoke` needs one");
  const sha256 = createHash("sha256").update(key).digest("hex");
  const index = keys.findIndex((entry) => entry.sha256 === sha256);
  const remedy =
    "`npm run key -- smoke` prints a key, for RAG_SMOKE_KEY, and its entry, for RAG_API_KEYS of the secret";
  if (index < 0) return problem(CHECK, "RAG_SMOKE_KEY is the key of no entry of RAG_API_KEYS", remedy);
  const place = `entry ${index + 1} of RAG_API_KEYS`;
  if (keys[index]?.topicIds) return problem(CHECK, `RAG_SMOKE_KEY is ${place}, which may only read`, remedy);
  return ok(CHECK, `RAG_SMOKE_KEY is ${place}`);
}
