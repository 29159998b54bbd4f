import { type ClientConfig, readClientConfig } from "#config/client.ts";
import { dryRun } from "./dry-run.ts";
import { findFiles, type SourceFile } from "./files.ts";
import { ingestFiles, isComplete } from "./ingest-files.ts";
import { type Options, readOptions } from "./options.ts";
import { progress } from "./progress.ts";
import { readDocument } from "./read-document.ts";
import { describeRun } from "./report.ts";
import { openResumeLog } from "./resume-log.ts";
import { checkReachable, createHttpSender } from "./send-http.ts";
import { createQueueSender } from "./send-queue.ts";
import type { Send } from "./sender.ts";

/** The environment that the command runs in. */
export interface IngestEnvironment {
  env?: Readonly<Record<string, string | undefined>>;
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
export async function runIngest(
  args: readonly string[],
  { env, write, stop, abort }: IngestEnvironment,
): Promise<number> {
  const options = readOptions(args);
  const config = readClientConfig(env);
  const { targets, root, prefix, topicIds, concurrency } = options;
  const places = { cwd: config.cwd ?? process.cwd(), ...(root && { root }), ...(prefix && { prefix }) };
  const found = await findFiles(targets, places);
  if (found.files.length === 0) throw new Error(`no Markdown, text, HTML or PDF in ${targets.join(", ")}`);
  const read = (file: SourceFile) => readDocument(file, topicIds);
  const { where, identity, open } = destination(options, config);
  if (options.dryRun) return (await dryRun(found, read, { limits: LIMITS, where, write })) ? 0 : 1;

  const send = await open();
  const log = openResumeLog(config.dataDir, identity);
  const bar = progress(`Sending to ${where}`, found.files.length);
  const summary = await ingestFiles(found.files, {
    ...{ read, send, log, limits: LIMITS, concurrency, stop, abort },
    onDone: () => bar.advance(),
  }).finally(() => bar.end());
  if (isComplete(summary)) log.remove();
  write(describeRun(summary, { ignored: found.ignored, logPath: log.path }));
  if (stop.aborted && summary.left > 0) return INTERRUPTED;
  return summary.failed.length > 0 || summary.stopped !== undefined ? 1 : 0;
}

interface Destination {
  where: string;
  /** Identifies the destination in the resume log. */
  identity: (string | undefined)[];
  /** @throws StopError when it cannot be reached */
  open(): Promise<Send>;
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
    async open() {
      await checkReachable(target, isDefaultUrl);
      return createHttpSender(target);
    },
  };
}
