import { parseArgs } from "node:util";
import { TENANT } from "#config/access.ts";

/** Arguments that cannot be used as they are. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  static readonly USAGE =
    `npm run ingest -- PATH|'GLOB'… [--url URL] [--key KEY] [--queue QUEUE_URL] [--tenant NAME] [--topic N]…
    [--root FOLDER] [--prefix TEXT] [--concurrency N] [--dry-run]`;
}

export interface Options {
  targets: string[];
  url: string;
  isDefaultUrl: boolean;
  key?: string;
  queue?: string;
  tenant?: string;
  topicIds: number[];
  root?: string;
  prefix?: string;
  concurrency: number;
  dryRun: boolean;
}

/** Where `npm run dev` listens. */
const DEFAULT_URL = "http://localhost:3000";
const MAX_CONCURRENCY = 64;

/** @throws UsageError that says which argument is wrong, and how it should be */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals: targets } = parse(args);
  const { url, key, queue, tenant, root, prefix } = values;
  const topicIds = values.topic.map(Number);
  const concurrency = Number(values.concurrency);
  if (targets.length === 0) throw new UsageError("name the files, folders or patterns to send");
  if (url !== undefined && queue !== undefined) throw new UsageError("give --url or --queue, not both");
  for (const [name, value] of Object.entries({ "--url": url, "--queue": queue })) {
    if (value !== undefined && !isHttpUrl(value)) throw new UsageError(`${name} ${value} is no http or https URL`);
  }
  if (queue !== undefined && key !== undefined) {
    throw new UsageError(
      "a queue takes no key: your AWS credentials have to allow sqs:SendMessage, and --tenant says whose they are",
    );
  }
  if (tenant !== undefined && queue === undefined)
    throw new UsageError("--tenant is for --queue; with --url the key says it");
  if (tenant !== undefined && !TENANT.test(tenant)) throw new UsageError(`--tenant ${tenant} is no name of a tenant`);
  if (!topicIds.every(Number.isSafeInteger))
    throw new UsageError("--topic takes a whole number; for several, give it again");
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > MAX_CONCURRENCY) {
    throw new UsageError(`--concurrency takes a number from 1 to ${MAX_CONCURRENCY}`);
  }
  return {
    targets,
    url: (url ?? DEFAULT_URL).replace(/\/+$/, ""),
    isDefaultUrl: url === undefined,
    ...(key && { key }),
    ...(queue && { queue }),
    ...(tenant && { tenant }),
    topicIds,
    ...(root && { root }),
    ...(prefix && { prefix }),
    concurrency,
    dryRun: values["dry-run"],
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        url: { type: "string" },
        key: { type: "string" },
        queue: { type: "string" },
        tenant: { type: "string" },
        topic: { type: "string", multiple: true, default: [] },
        root: { type: "string" },
        prefix: { type: "string" },
        concurrency: { type: "string", default: "4" },
        "dry-run": { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
