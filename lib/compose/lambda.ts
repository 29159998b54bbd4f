import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Context,
  SQSBatchResponse,
  SQSEvent,
  StreamifyHandler,
} from "aws-lambda";
import { readConfig, readXrayTraceHeader } from "#config/env.ts";
import { createApp } from "#http/app.ts";
import type { App, Invocation } from "#http/context.ts";
import { toRequest, toResult } from "#http/lambda/event.ts";
import { sendResponse } from "#http/lambda/response-stream.ts";
import { problemResponse, toProblem } from "#http/problem.ts";
import { describeError, log } from "./log.ts";
import { createParts, type Parts } from "./parts.ts";
import type { SqsConsumer } from "./queue.ts";
import { randomHex } from "./trace-id.ts";

export interface LambdaHandlers {
  handler: {
    /** For API Gateway, and function URLs that buffer. */
    (event: APIGatewayProxyEventV2, context: Context): Promise<APIGatewayProxyStructuredResultV2>;
    /** For SQS, with `ReportBatchItemFailures`. Rejects when the function has no consumer. */
    (event: SQSEvent, context: Context): Promise<SQSBatchResponse>;
  };
  /** For function URLs with `InvokeMode: RESPONSE_STREAM`; `undefined` when the runtime cannot stream. */
  stream: StreamifyHandler<APIGatewayProxyEventV2, void> | undefined;
}

/**
 * The response is due this long before the invocation's deadline (or a fifth of its time, if that is less), else it is a
 * 504: enough to send it and then to flush telemetry.
 */
const DEADLINE_MARGIN_MS = 500;

/**
 * Creates a function's handlers: for HTTP requests an app with the routes that `addRoutes` adds, for SQS events the
 * consumer. After each response, telemetry is flushed.
 *
 * @throws ConfigError when a setting is invalid, so that the function fails at start and not at its first request
 */
export async function createLambdaHandlers(
  addRoutes: (app: App, parts: Parts) => void | Promise<void>,
  createConsumer?: (parts: Parts) => Promise<SqsConsumer>,
): Promise<LambdaHandlers> {
  const config = readConfig();
  const parts = await createParts(config);
  const starting = parts.startLifecycle();
  const app = createApp(parts.server);
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

  async function respond(event: APIGatewayProxyEventV2, invocation: Invocation): Promise<Response> {
    try {
      return await app.fetch(toRequest(event), { invocation });
    } catch (error) {
      // Only an event that is not an HTTP event throws. serverless-offline would respond with 200 and a stack trace.
      const { requestId: function_request_id } = invocation;
      log({ level: "ERROR", message: "not an HTTP event", function_request_id, error: describeError(error) });
      return problemResponse(toProblem(error, randomHex(16)));
    }
  }

  function serve<T>(event: APIGatewayProxyEventV2, context: Context, send: (response: Response) => Promise<T>) {
    return runInvocation(context, async (invocation) => send(await respond(event, invocation)));
  }

  async function consume(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
    // A response without failures would delete the messages.
    if (!consumer) throw new Error("this function does not consume messages: connect the queue to the function embed");
    return runInvocation(context, (invocation) => consumer(event, invocation));
  }

  function handler(event: APIGatewayProxyEventV2, context: Context): Promise<APIGatewayProxyStructuredResultV2>;
  function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse>;
  function handler(event: APIGatewayProxyEventV2 | SQSEvent, context: Context) {
    return "Records" in event ? consume(event, context) : serve(event, context, toResult);
  }

  // Outside Lambda, AWS packages may define an empty awslambda object.
  const runtime = typeof awslambda !== "undefined" && "streamifyResponse" in awslambda ? awslambda : undefined;
  return {
    handler,
    stream: runtime?.streamifyResponse((event, stream, context) =>
      serve(event, context, (response) => sendResponse(response, stream, runtime)),
    ),
  };
}

/** On managed instances, where invocations run concurrently, the header is on the context (not in its type). */
function xrayTraceHeaderOf(context: Context): Pick<Invocation, "xrayTraceHeader"> {
  const xrayTraceHeader = (context as { xRayTraceId?: string }).xRayTraceId ?? readXrayTraceHeader();
  return xrayTraceHeader === undefined ? {} : { xrayTraceHeader };
}
