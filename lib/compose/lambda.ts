import type { Context, SQSBatchResponse, SQSEvent, StreamifyHandler } from "aws-lambda";
import { readConfig, readXrayTraceHeader } from "#config/env.ts";
import { createApp } from "#http/app.ts";
import type { App, Invocation } from "#http/context.ts";
import { type HttpEvent, isHttpEvent, toRequest } from "#http/lambda/event.ts";
import { sendResponse } from "#http/lambda/response-stream.ts";
import { type HttpResult, toResult } from "#http/lambda/result.ts";
import { describeEvent, sourceOf, UnsupportedEventError } from "#http/lambda/unsupported-event.ts";
import { readEnvironment } from "./environment.ts";
import { log } from "./log.ts";
import { createParts, type Parts } from "./parts.ts";
import { QUESTION_ROUTES } from "./question-routes.ts";
import type { SqsConsumer } from "./queue.ts";
import { randomHex } from "./trace-id.ts";

export interface LambdaHandlers {
  handler: {
    /** For API Gateway, load balancers, and function URLs that buffer. Rejects other events, which log why. */
    (event: HttpEvent, context: Context): Promise<HttpResult>;
    /** For SQS, with `ReportBatchItemFailures`. Rejects when the function has no consumer. */
    (event: SQSEvent, context: Context): Promise<SQSBatchResponse>;
  };
  /**
   * For function URLs with `InvokeMode: RESPONSE_STREAM`, and REST APIs with `ResponseTransferMode: STREAM`; `undefined`
   * when the runtime cannot stream.
   */
  stream: StreamifyHandler<HttpEvent, void> | undefined;
}

const BUFFERED = "HTTP requests of API Gateway (HTTP API or REST API), a function URL or an Application Load Balancer";
const STREAMED = "HTTP requests of a function URL or an API Gateway REST API, both with response streaming";

/**
 * The response is due this long before the invocation's deadline (or a fifth of its time, if that is less), else it is a
 * 504: enough to send it and then to flush telemetry.
 */
const DEADLINE_MARGIN_MS = 500;

/**
 * Creates a function's handlers: for HTTP requests an app with the routes that `addRoutes` adds, for SQS events the
 * consumer. After each response, telemetry is flushed.
 *
 * @throws ConfigError when a setting is invalid, or the secret cannot be read, so that the function fails at start and not
 *   at its first request
 */
export async function createLambdaHandlers(
  addRoutes: (app: App, parts: Parts) => void | Promise<void>,
  createConsumer?: (parts: Parts) => Promise<SqsConsumer>,
): Promise<LambdaHandlers> {
  const config = readConfig(await readEnvironment());
  const parts = await createParts(config);
  const starting = parts.startLifecycle();
  const app = createApp(parts.server);
  if (!config.lambda) (await import("./sample-corpus.ts")).refuseWhileReading(app, config.dataDir, QUESTION_ROUTES);
  const [lifecycle, , consumer] = await Promise.all([starting, addRoutes(app, parts), createConsumer?.(parts)]);
  const initDurationMs = performance.now();
  let coldStart = true;

  /** Runs an invocation: `run`, then the work that it leaves pending, then the flush of telemetry. */
  async function runInvocation<T>(context: Context, run: (invocation: Invocation) => Promise<T>): Promise<T> {
    const leftMs = context.getRemainingTimeInMillis();
    const deadlineMs = Date.now() + leftMs;
    const pending: Promise<unknown>[] = [];
    const start = coldStart ? { coldStart, initDurationMs } : { coldStart };
    coldStart = false;
    try {
      return await run({
        waitUntil: (work) => void pending.push(work),
        requestId: context.awsRequestId,
        resourceId: context.invokedFunctionArn,
        ...start,
        ...xrayTraceHeaderOf(context),
        ...(config.lambda && { timeLeftMs: leftMs - Math.min(DEADLINE_MARGIN_MS, leftMs / 5) }),
      });
    } finally {
      await Promise.all(pending);
      await lifecycle.responded({ requestId: context.awsRequestId, deadlineMs });
    }
  }

  function serve<T>(event: HttpEvent, context: Context, send: (response: Response) => Promise<T>) {
    return runInvocation(context, async (invocation) => send(await app.fetch(toRequest(event), { invocation })));
  }

  /**
   * The invocation fails: a success would make a source delete or drop what it sent, while one that invokes asynchronously
   * sends it again, and then to its dead-letter queue.
   */
  function refuse(event: unknown, context: Context, accepted: string): Promise<never> {
    return runInvocation(context, async ({ requestId }) => {
      const [trace_id, received] = [randomHex(16), describeEvent(event)];
      const line = { level: "ERROR", message: "unsupported event", trace_id, received, accepted };
      log({ service: parts.serviceName, ...line, function_request_id: requestId });
      throw new UnsupportedEventError(received, accepted, trace_id);
    });
  }

  function handler(event: HttpEvent, context: Context): Promise<HttpResult>;
  function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse>;
  function handler(event: HttpEvent | SQSEvent, context: Context) {
    if (isHttpEvent(event)) return serve(event, context, (response) => toResult(response, event));
    if (consumer && sourceOf(event) === "aws:sqs")
      return runInvocation(context, (invocation) => consumer(event, invocation));
    return refuse(event, context, consumer ? `${BUFFERED}, and messages of SQS` : BUFFERED);
  }

  // Outside Lambda, AWS packages may define an empty awslambda object.
  const runtime = typeof awslambda !== "undefined" && "streamifyResponse" in awslambda ? awslambda : undefined;
  return {
    handler,
    stream: runtime?.streamifyResponse((event, stream, context) => {
      if (!isHttpEvent(event) || event.requestContext.elb) return refuse(event, context, STREAMED);
      return serve(event, context, (response) => sendResponse(response, stream, runtime));
    }),
  };
}

/** On managed instances, where invocations run concurrently, the header is on the context (not in its type). */
function xrayTraceHeaderOf(context: Context): Pick<Invocation, "xrayTraceHeader"> {
  const xrayTraceHeader = (context as { xRayTraceId?: string }).xRayTraceId ?? readXrayTraceHeader();
  return xrayTraceHeader === undefined ? {} : { xrayTraceHeader };
}
