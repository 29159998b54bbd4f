/** `npm run key -- TENANT [--topics 1,2]`: prints a new API key and its entry for RAG_API_KEYS. */
import { createHash, randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { KEY_PREFIX, TENANT, TOPICS } from "#config/access.ts";

const USAGE = "npm run key -- TENANT [--topics 1,2]\n";

function main(): string {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { topics: { type: "string" } } });
  const [tenant = "", ...rest] = positionals;
  const topics = values.topics?.split(",").join("|");
  if (rest.length > 0 || !TENANT.test(tenant))
    throw new Error('Give one tenant of 1 to 64 letters, digits, "_" and "-".');
  if (topics !== undefined && !TOPICS.test(topics)) throw new Error("--topics must be comma-separated whole numbers.");
  const key = `${KEY_PREFIX}${randomBytes(32).toString("base64url")}`;
  const sha256 = createHash("sha256").update(key).digest("hex");
  const entry = [tenant, sha256, ...(topics === undefined ? [] : [topics])].join(":");
  return `Key for the caller, shown only once:\n  ${key}\nEntry for RAG_API_KEYS:\n  ${entry}\n`;
}

try {
  process.stdout.write(main());
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  process.exitCode = 1;
}
