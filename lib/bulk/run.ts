import { resolve } from "node:path";
import { type ClientConfig, readClientConfig } from "#config/client.ts";
import { dryRun } from "./dry-run.ts";
import { createFileReader, type FileReader } from "./file-reader.ts";
import { type Found, findFiles } from "./files.ts";
import { ingestFiles, isComplete } from "./ingest-files.ts";
import { type Options, readOptions } from "./options.ts";
import { printable } from "./printable.ts";
import { progress } from "./progress.ts";
import { describeRun } from "./report.ts";
import { openResumeLog } from "./resume-log.ts";
import { checkReachable, createHttpSender } from "./send-http.ts";
import { createQueueSender } from "./send-queue.ts";
import type { Send } from "./sender.ts";

/** The environment that the command runs in. */
export interface IngestEnvironment {
  env?: Readonly<Record<string, string | undefined>>;
  /** Called with one line that is safe to print. */
  write(line: string): void;
  /** Starts no more requests; those in flight finish. */
  stop: AbortSignal;
  /** Aborts the requests in flight. */
  abort: AbortSignal;
}

/** A few seconds of work: less than a gateway's timeout, and within the message size of any queue. */
const LIMITS = { bytes: 100_000, documents: 20 };
/** Exit code after SIGINT, by the convention of shells. */
const INTERRUPTED = 130;

/**
 * Sends files to a deployment as documents.
 *
 * @returns the exit code: 1 when anything failed
 * @throws Error that says what is wrong and what to do, when nothing could be sent
 */
export async function runIngest(args: readonly string[], environment: IngestEnvironment): Promise<number> {
  const { env, stop } = environment;
  // Names, titles, and what readers and servers say come from others.
  const write = (line: string): void => environment.write(printable(line));
  const options = readOptions(args);
  const config = readClientConfig(env);
  const { targets, root, prefix, topicIds } = options;
  const cwd = config.cwd ?? process.cwd();
  const found = await findFiles(targets, { cwd, stop, ...(root && { root }), ...(prefix && { prefix }) });
  if (stop.aborted) return INTERRUPTED;
  if (found.files.length === 0) {
    for (const { path, reason } of [...found.skipped, ...found.unreadable]) write(`not sent: ${path}: ${reason}`);
    throw new Error(`no Markdown, text, HTML or PDF in ${targets.join(", ")}`);
  }
  const reader = createFileReader(topicIds, options.readLimits);
  try {
    return await (options.dryRun ? tryRun : sendAll)({ ...environment, write, options, config, cwd, found, reader });
  } finally {
    reader.close();
  }
}

interface Run extends IngestEnvironment {
  options: Options;
  config: ClientConfig;
  cwd: string;
  found: Found;
  reader: FileReader;
}

async function tryRun({ options, config, found, reader, write, stop }: Run): Promise<number> {
  const { where } = destination(options, config);
  const isFine = await dryRun(found, reader.read, { limits: LIMITS, where, write, stop });
  if (stop.aborted) return INTERRUPTED;
  return isFine ? 0 : 1;
}

async function sendAll({ options, config, cwd, found, reader, write, stop, abort }: Run): Promise<number> {
  const { where, identity, open } = destination(options, config);
  const { targets, root, prefix, topicIds, concurrency } = options;
  const send = await open(stop);
  const source = [targets.map((target) => resolve(cwd, target)), root && resolve(cwd, root), prefix, topicIds];
  const log = openResumeLog(config.dataDir, { target: identity, source });
  const bar = progress(`Sending to ${printable(where)}`, found.files.length);
  const summary = await ingestFiles(found.files, {
    ...{ read: reader.read, send, log, limits: LIMITS, concurrency, stop, abort },
    onDone: () => bar.advance(),
  }).finally(() => bar.end());
  if (isComplete(summary)) log.remove();
  for (const line of describeRun(summary, found, log)) write(line);
  if (stop.aborted && summary.left > 0) return INTERRUPTED;
  return summary.failed.length > 0 || found.unreadable.length > 0 || summary.stopped !== undefined ? 1 : 0;
}

interface Destination {
  where: string;
  /** Identifies the destination in the resume log. */
  identity: (string | undefined)[];
  /** @throws StopError when it cannot be reached */
  open(stop: AbortSignal): Promise<Send>;
}

function destination({ url, isDefaultUrl, queue, tenant, key }: Options, config: ClientConfig): Destination {
  if (queue !== undefined) {
    const { traceparent } = config;
    const target = { queueUrl: queue, ...(tenant && { tenant }), ...(traceparent && { traceparent }) };
    return { where: queue, identity: [queue, tenant], open: async () => createQueueSender(target) };
  }
  const apiKey = key ?? config.apiKey;
  const target = { url, ...(apiKey && { apiKey }) };
  return {
    where: url,
    identity: [url, apiKey],
    async open(stop) {
      await checkReachable(target, isDefaultUrl, stop);
      return createHttpSender(target);
    },
  };
}
