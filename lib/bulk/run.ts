import { type ClientConfig, readClientConfig } from "#config/client.ts";
import { dryRun } from "./dry-run.ts";
import { createFileReader } from "./file-reader.ts";
import { ingestFiles, isComplete, type Summary } from "./ingest-files.ts";
import { type Options, readOptions } from "./options.ts";
import { printable } from "./printable.ts";
import { progress } from "./progress.ts";
import { describeRun } from "./report.ts";
import { openResumeLog } from "./resume-log.ts";
import { checkReachable, createHttpSender } from "./send-http.ts";
import { createQueueSender } from "./send-queue.ts";
import type { Send } from "./sender.ts";
import { openSource, type Source } from "./source.ts";

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
  const reader = createFileReader(options.topicIds, options.readLimits);
  try {
    const source = await openSource(options, config.cwd ?? process.cwd(), reader, stop);
    if (stop.aborted) return INTERRUPTED;
    const { files, skipped, unreadable } = source.found;
    if (files.length === 0) {
      for (const { path, reason } of [...skipped, ...unreadable]) write(`not sent: ${path}: ${reason}`);
      throw new Error(`no Markdown, text, HTML or PDF in ${options.targets.join(", ")}`);
    }
    return await (options.dryRun ? tryRun : sendAll)({ ...environment, write, options, config, source });
  } finally {
    reader.close();
  }
}

interface Run extends IngestEnvironment {
  options: Options;
  config: ClientConfig;
  source: Source;
}

async function tryRun({ options, config, source, write, stop }: Run): Promise<number> {
  const { where } = destination(options, config);
  const isFine = await dryRun(source.found, source.read, { limits: LIMITS, where, write, stop });
  for (const line of source.notes()) write(line);
  if (stop.aborted) return INTERRUPTED;
  return isFine ? 0 : 1;
}

async function sendAll({ options, config, source, write, stop, abort }: Run): Promise<number> {
  const { where, identity, open } = destination(options, config);
  const { topicIds, concurrency } = options;
  const { found, read } = source;
  const send = await open(stop);
  const log = openResumeLog(config.dataDir, { target: identity, source: [...source.identity, topicIds] });
  const bar = progress(`Sending to ${printable(where)}`, found.files.length);
  const summary = await ingestFiles(found.files, {
    ...{ read, send, log, limits: LIMITS, concurrency, stop, abort },
    onDone: () => bar.advance(found.files.length),
  }).finally(() => bar.end());
  if (isComplete(summary)) log.remove();
  for (const line of describeRun(summary, found, log)) write(line);
  for (const line of source.notes()) write(line);
  if (stop.aborted && summary.left > 0) return INTERRUPTED;
  if (acceptedIn(summary) === 0 && summary.failed.length === 0) {
    write("No page was read, so nothing was sent.");
    return 1;
  }
  return summary.failed.length > 0 || found.unreadable.length > 0 || summary.stopped !== undefined ? 1 : 0;
}

function acceptedIn({ created, updated, unchanged, queued, resumed }: Summary): number {
  return created + updated + unchanged + queued + resumed;
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
