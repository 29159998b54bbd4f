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
import type { TakeMessages } from "./queue.ts";
import { randomHex } from "./trace-id.ts";

export interface LambdaHandlers {
  handler: {
    /** For API Gateway, and function URLs that buffer. */
    (event: APIGatewayProxyEventV2, context: Context): Promise<APIGatewayProxyStructuredResultV2>;
    /** For SQS, with `ReportBatchItemFailures`. Rejects where no messages are expected. */
    (event: SQSEvent, context: Context): Promise<SQSBatchResponse>;
  };
  /** For function URLs with `InvokeMode: RESPONSE_STREAM`; absent where the runtime cannot stream. */
  stream: StreamifyHandler<APIGatewayProxyEventV2, void> | undefined;
}

/**
 * Milliseconds before an invocation's end at which it is answered with 504: enough to send the answer and, after it,
 * the telemetry. A fifth of the time where that is less.
 */
const DEADLINE_MARGIN_MS = 500;

/**
 * The Lambda handlers of the routes that `wire` adds to the app, and of the messages that `wireMessages` takes.
 *
 * @throws ConfigError when a setting is wrong: the function then fails at start, not at its first request.
 */
export async function lambdaHandlers(
  wire: (app: App, parts: Parts) => App | Promise<App>,
  wireMessages?: (parts: Parts) => Promise<TakeMessages>,
): Promise<LambdaHandlers> {
  const config = readConfig();
  const parts = await createParts(config);
  const [lifecycle, app, takeMessages] = await Promise.all([
    parts.startLifecycle(),
    wire(createApp(parts.server), parts),
    wireMessages?.(parts),
  ]);
  const initDurationMs = performance.now();
  let coldStart = true;

  /** Runs an invocation; it is over when `run` and what goes on after it are done. */
  async function invoked<T>(context: Context, run: (invocation: Invocation) => Promise<T>): Promise<T> {
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

  async function answer(event: APIGatewayProxyEventV2, invocation: Invocation): Promise<Response> {
    try {
      return await app.fetch(toRequest(event), { invocation });
    } catch (error) {
      // Only what is no HTTP event gets here; serverless-offline would answer it with 200 and a stack trace.
      const { requestId: function_request_id } = invocation;
      log({ level: "ERROR", message: "not an HTTP event", function_request_id, error: describeError(error) });
      return problemResponse(toProblem(error, randomHex(16)));
    }
  }

  function serve<T>(event: APIGatewayProxyEventV2, context: Context, send: (response: Response) => Promise<T>) {
    return invoked(context, async (invocation) => send(await answer(event, invocation)));
  }

  async function take(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
    // An answer without failures would delete the messages.
    if (!takeMessages) throw new Error("this function takes no messages: the queue belongs to the function embed");
    return invoked(context, (invocation) => takeMessages(event, invocation));
  }

  function handler(event: APIGatewayProxyEventV2, context: Context): Promise<APIGatewayProxyStructuredResultV2>;
  function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse>;
  function handler(event: APIGatewayProxyEventV2 | SQSEvent, context: Context) {
    return "Records" in event ? take(event, context) : serve(event, context, toResult);
  }

  // AWS' packages define one without anything in it where there is none.
  const runtime = typeof awslambda !== "undefined" && "streamifyResponse" in awslambda ? awslambda : undefined;
  return {
    handler,
    stream: runtime?.streamifyResponse((event, stream, context) =>
      serve(event, context, (response) => sendResponse(response, stream, runtime)),
    ),
  };
}

/** On managed instances, where invocations run side by side, the header is on the context, which no type says. */
function xrayTraceHeaderOf(context: Context): Pick<Invocation, "xrayTraceHeader"> {
  const xrayTraceHeader = (context as { xRayTraceId?: string }).xRayTraceId ?? readXrayTraceHeader();
  return xrayTraceHeader === undefined ? {} : { xrayTraceHeader };
}
