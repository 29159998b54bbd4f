import { EXTENSIONS } from "#bulk/readers/readers.ts";
import { type ClientConfig, readClientConfig } from "#config/client.ts";
import { dryRun } from "./dry-run.ts";
import { createFileReader } from "./file-reader.ts";
import { ingestFiles, isComplete, type Summary } from "./ingest-files.ts";
import { type Options, readOptions } from "./options.ts";
import { printable } from "./printable.ts";
import { progress } from "./progress.ts";
import { prune } from "./prune.ts";
import { describeRun } from "./report.ts";
import { openResumeLog } from "./resume-log.ts";
import { checkReachable, createHttpSender, type HttpTarget } from "./send-http.ts";
import { createQueueSender } from "./send-queue.ts";
import type { Send } from "./sender.ts";
import { openSentLog } from "./sent-log.ts";
import { openSource } from "./source.ts";
import { openStoredDocuments } from "./stored-documents.ts";
import { recordSent, type WatchedSource, watchSource } from "./watched-source.ts";

/** The environment that the command runs in. */
export interface IngestEnvironment {
  env?: Readonly<Record<string, string | undefined>>;
  /** Called with one line that is safe to print. */
  write(line: string): void;
  /** Asks the user a question that is safe to print, for yes or no; absent where nobody can be asked. */
  ask?(question: string): Promise<boolean>;
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
      throw new Error(`no file of a kind that is read (${EXTENSIONS.join(", ")}) in ${options.targets.join(", ")}`);
    }
    const run = { ...environment, write, options, config, watched: watchSource(source) };
    return await (options.dryRun ? tryRun : sendAll)(run);
  } finally {
    reader.close();
  }
}

interface Run extends IngestEnvironment {
  options: Options;
  config: ClientConfig;
  watched: WatchedSource;
}

async function tryRun(run: Run): Promise<number> {
  const { options, config, watched, write, stop } = run;
  const { source } = watched;
  const { where } = destination(options, config);
  const isFine = await dryRun(source.found, source.read, { limits: LIMITS, where, write, stop });
  for (const line of source.notes()) write(line);
  if (stop.aborted) return INTERRUPTED;
  const isPruned = !options.prune || (await pruneSource(run));
  return isFine && isPruned ? 0 : 1;
}

async function sendAll(run: Run): Promise<number> {
  const { options, config, watched, write, stop, abort } = run;
  const { source } = watched;
  const { identity, open, where } = destination(options, config);
  const { topicIds, concurrency, prune } = options;
  const { found, read } = source;
  const send = await open(stop);
  const log = openResumeLog(config.dataDir, { target: identity, source: [...source.identity, topicIds] });
  const recorded = recordSent(log, openSentLog(config.dataDir, { target: identity, source: source.identity }));
  const bar = progress(`Sending to ${printable(where)}`, found.files.length);
  const summary = await ingestFiles(found.files, {
    ...{ read, send, log: recorded, limits: LIMITS, concurrency, stop, abort },
    onDone: () => bar.advance(found.files.length),
  }).finally(() => bar.end());
  if (isComplete(summary)) log.remove();
  for (const line of describeRun(summary, found, log)) write(line);
  for (const line of source.notes()) write(line);
  if (stop.aborted && summary.left > 0) return INTERRUPTED;
  if (acceptedIn(summary) === 0 && summary.failed.length === 0 && summary.stopped === undefined) {
    write("Nothing was read, so nothing was sent.");
    return 1;
  }
  const hasFailed = summary.failed.length > 0 || found.unreadable.length > 0 || summary.stopped !== undefined;
  const isPruned = !prune || (await pruneSource(run, summary));
  return hasFailed || !isPruned ? 1 : 0;
}

/** @returns whether nothing is left to remove */
async function pruneSource({ options, config, watched, ...environment }: Run, summary?: Summary): Promise<boolean> {
  const { write, ask, stop } = environment;
  const { source, present, incomplete } = watched;
  const isSent = summary === undefined || (isComplete(summary) && summary.failed.every(({ id }) => source.isGone(id)));
  const problem = incomplete() ?? (isSent ? undefined : "not everything was sent");
  if (problem !== undefined) {
    write(`Nothing was removed: ${problem}.`);
    return false;
  }
  const { identity, target } = destination(options, config);
  const { prefix, dryRun, yes } = options;
  return prune({
    stored: openStoredDocuments(target),
    sent: openSentLog(config.dataDir, { target: identity, source: source.identity }),
    ...(prefix && source.ownsPrefix && { prefix }),
    ...{ present, isKept: source.isKept, dryRun, yes, write, signal: stop },
    ...(ask && { ask: (question: string) => ask(printable(question)) }),
  });
}

function acceptedIn({ created, updated, unchanged, queued, resumed }: Summary): number {
  return created + updated + unchanged + queued + resumed;
}

interface Destination {
  where: string;
  /** Identifies the destination in the logs of this machine. */
  identity: (string | undefined)[];
  /** The API; the queue's address has none. */
  target: HttpTarget;
  /** @throws StopError when it cannot be reached */
  open(stop: AbortSignal): Promise<Send>;
}

function destination({ url, isDefaultUrl, queue, tenant, key }: Options, config: ClientConfig): Destination {
  if (queue !== undefined) {
    const { traceparent } = config;
    const messages = { queueUrl: queue, ...(tenant && { tenant }), ...(traceparent && { traceparent }) };
    const open = async () => createQueueSender(messages);
    return { where: queue, identity: [queue, tenant], target: { url }, open };
  }
  const apiKey = key ?? config.apiKey;
  const target = { url, ...(apiKey && { apiKey }) };
  return {
    where: url,
    identity: [url, apiKey],
    target,
    async open(stop) {
      await checkReachable(target, isDefaultUrl, stop);
      return createHttpSender(target);
    },
  };
}
