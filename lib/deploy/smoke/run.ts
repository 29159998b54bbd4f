import {
  checkBadInput,
  checkDependencies,
  checkEmbed,
  checkHealth,
  checkKeys,
  checkOpenApi,
  checkQuery,
  checkStream,
  cleanUp,
  type Seen,
} from "./checks.ts";
import type { Target } from "./client.ts";
import { createDocument } from "./document.ts";
import { checkDocument, checkSearch } from "./reading.ts";
import { checkMetrics, checkTrace, countsIn, serviceAt } from "./telemetry.ts";
import { checkTools } from "./tools.ts";

export interface SmokeOptions {
  /** The API's root. */
  url: string;
  /** Where POST /query streams. Default: `url`. */
  streamUrl?: string | undefined;
  key?: string | undefined;
  /** Query APIs of Jaeger and Prometheus; absent: their checks are reported as not run. */
  jaeger?: string | undefined;
  prometheus?: string | undefined;
  /** `deployment.environment.name` of the metrics. Default: any. */
  environment?: string | undefined;
  /** Limit for all checks except the cleanup, in milliseconds. */
  timeoutMs: number;
  requestTimeoutMs: number;
  /** Limit until telemetry has arrived, in milliseconds. */
  arrivalMs: number;
  /** Aborts the checks; the stored document is still removed. */
  signal?: AbortSignal;
}

export interface Result {
  name: string;
  /** `noted`: nothing is wrong, but the operator should know. `not run`: the detail says why. */
  status: "passed" | "noted" | "failed" | "not run";
  ms: number;
  detail: string;
  traceId?: string;
}

export interface Report {
  url: string;
  /** No check has failed. */
  ok: boolean;
  ms: number;
  results: Result[];
}

/** Tests a deployment end to end with a document of its own, which it removes whatever happens. */
export async function runSmoke(options: SmokeOptions, onResult: (result: Result) => void = () => {}): Promise<Report> {
  const { url, streamUrl = url, key, requestTimeoutMs, timeoutMs, arrivalMs, environment } = options;
  const target: Target = { url, key, requestTimeoutMs };
  const document = createDocument();
  const results: Result[] = [];
  const started = performance.now();
  const timeUp = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([timeUp, ...(options.signal ? [options.signal] : [])]);

  const hasPassed = (name: string) => results.some((result) => result.name === name && result.status === "passed");
  function record(result: Result): undefined {
    results.push(result);
    onResult(result);
  }

  /** @param needs checks that must have passed before this one can run */
  async function step(name: string, needs: readonly string[], check: () => Promise<Seen>): Promise<Seen | undefined> {
    const missing = needs.find((need) => !hasPassed(need));
    if (missing !== undefined) return record({ name, status: "not run", ms: 0, detail: `needs: ${missing}` });
    const began = performance.now();
    try {
      const seen = await check();
      const { detail, note, traceId } = seen;
      const status = note ? "noted" : "passed";
      record({ name, status, detail, ms: performance.now() - began, ...(traceId && { traceId }) });
      return seen;
    } catch (error) {
      record({ name, status: "failed", ms: performance.now() - began, detail: detailOf(error) });
    }
    return undefined;
  }

  function detailOf(error: unknown): string {
    if (options.signal?.aborted) return "interrupted";
    if (timeUp.aborted) return `timed out: the limit for all checks is ${timeoutMs / 1000} s (--timeout)`;
    return error instanceof Error ? error.message : String(error);
  }

  const prometheus = options.prometheus === undefined ? undefined : serviceAt(options.prometheus, requestTimeoutMs);
  await step("health", [], () => checkHealth(target, signal));
  await step("dependencies", ["health"], () => checkDependencies(target, signal));
  await step("openapi", ["health"], () => checkOpenApi(target, signal));
  await step("keys", ["health"], () => checkKeys(target, signal));
  await step("bad input", ["health"], () => checkBadInput(target, signal));
  // Before the first query. An error here recurs in the check below, which reports it.
  const before = prometheus && (await countsIn(prometheus, environment, signal).catch(() => []));

  await step("embed", ["health"], () => checkEmbed(target, document, "created", signal));
  const query = await step("query", ["embed"], () => checkQuery(target, document, signal));
  const stream = await step("stream", ["embed"], () => checkStream({ ...target, url: streamUrl }, document, signal));
  await step("search", ["embed"], () => checkSearch(target, document, signal));
  await step("mcp", ["embed"], () => checkTools(target, document, signal));
  await step("document", ["embed"], () => checkDocument(target, document, signal));
  await step("unchanged", ["embed"], () => checkEmbed(target, document, "unchanged", signal));

  const { jaeger } = options;
  if (jaeger === undefined) record({ name: "trace", status: "not run", ms: 0, detail: "--jaeger is not set" });
  else
    await step("trace", ["query"], () =>
      checkTrace(serviceAt(jaeger, requestTimeoutMs), query?.traceId ?? "", arrivalMs, signal),
    );
  if (!prometheus) record({ name: "metrics", status: "not run", ms: 0, detail: "--prometheus is not set" });
  else {
    const queries = [query, stream].filter((seen) => seen !== undefined).length;
    const growth = { before: before ?? [], queries, waitMs: arrivalMs };
    await step("metrics", ["query"], () => checkMetrics(prometheus, environment, growth, signal));
  }
  // With its own time limit, and even if storing failed: the document may have been stored.
  if (results.some(({ name, status }) => name === "embed" && status !== "not run")) {
    await step("clean up", [], () => cleanUp(target, document, new AbortController().signal));
  }
  const ok = results.every(({ status }) => status !== "failed");
  return { url, ok, ms: performance.now() - started, results };
}
