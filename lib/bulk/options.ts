import { parseArgs } from "node:util";
import { TENANT } from "#config/access.ts";
import type { ReadLimits } from "./file-reader.ts";
import { UsageError } from "./usage-error.ts";
import { readWebOptions, type WebOptions } from "./web/options.ts";

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
  readLimits: ReadLimits;
  /** Set when the targets are addresses of the web. */
  web?: WebOptions;
  dryRun: boolean;
  /** Whether documents that are gone from the source are removed, and whether without a question. */
  prune: boolean;
  yes: boolean;
}

/** Where `npm run dev` listens. */
const DEFAULT_URL = "http://localhost:3000";
const MAX_CONCURRENCY = 64;
/** Least memory of a process that reads: Node.js and the readers take 100 MB. */
const MIN_READ_MEGABYTES = 256;
const MAX_READ_MEGABYTES = 65_536;
const MAX_READ_SECONDS = 3_600;

/** @throws UsageError that says which argument is invalid, and what is expected */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals: targets } = parse(args);
  const { url, key, queue, tenant, root, prefix } = values;
  const topicIds = values.topic.map(Number);
  const concurrency = Number(values.concurrency);
  if (targets.length === 0) throw new UsageError("name the files, folders, patterns or addresses to send");
  if (url !== undefined && queue !== undefined) throw new UsageError("give --url or --queue, not both");
  for (const [name, value] of Object.entries({ "--url": url, "--queue": queue })) {
    if (value !== undefined && !isHttpUrl(value)) throw new UsageError(`${name} ${value} is not an http or https URL`);
  }
  if (queue !== undefined && key !== undefined) {
    throw new UsageError(
      "--key cannot be used with --queue: your AWS credentials must allow sqs:SendMessage, and --tenant names the owner",
    );
  }
  if (values.prune && queue !== undefined) {
    throw new UsageError(
      "--prune needs the API (--url): a queue only adds documents, it can neither list nor remove any",
    );
  }
  if (values.yes && !values.prune) throw new UsageError("--yes is for --prune");
  if (tenant !== undefined && queue === undefined)
    throw new UsageError("--tenant needs --queue; with --url, the key determines the tenant");
  if (tenant !== undefined && !TENANT.test(tenant))
    throw new UsageError(`--tenant ${tenant} is not a valid tenant name`);
  if (!topicIds.every(Number.isSafeInteger))
    throw new UsageError("--topic takes a whole number; repeat it for several");
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > MAX_CONCURRENCY) {
    throw new UsageError(`--concurrency takes a number from 1 to ${MAX_CONCURRENCY}`);
  }
  const readLimits = { seconds: Number(values["read-seconds"]), megabytes: Number(values["read-megabytes"]) };
  if (!(readLimits.seconds > 0 && readLimits.seconds <= MAX_READ_SECONDS)) {
    throw new UsageError(`--read-seconds takes a number above 0, up to ${MAX_READ_SECONDS}`);
  }
  const web = readWebOptions(targets, values);
  const { megabytes } = readLimits;
  if (!Number.isInteger(megabytes) || megabytes < MIN_READ_MEGABYTES || megabytes > MAX_READ_MEGABYTES) {
    throw new UsageError(`--read-megabytes takes a whole number from ${MIN_READ_MEGABYTES} to ${MAX_READ_MEGABYTES}`);
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
    readLimits,
    ...(web && { web }),
    dryRun: values["dry-run"],
    prune: values.prune,
    yes: values.yes,
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
        "read-seconds": { type: "string", default: "20" },
        "read-megabytes": { type: "string", default: "1024" },
        pages: { type: "string" },
        delay: { type: "string" },
        contact: { type: "string" },
        "allow-private": { type: "boolean" },
        prune: { type: "boolean", default: false },
        yes: { type: "boolean", default: false },
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
