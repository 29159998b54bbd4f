import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context, StreamifyHandler } from "aws-lambda";
import { readConfig, readXrayTraceHeader } from "#config/env.ts";
import { type App, createApp, type Invocation } from "#http/app.ts";
import { toRequest, toResult } from "#http/lambda-event.ts";
import { problemResponse, toProblem } from "#http/problem.ts";
import { sendResponse } from "#http/response-stream.ts";
import { describeError, log } from "./log.ts";
import { createParts, type Parts } from "./parts.ts";
import { randomHex } from "./trace-id.ts";

export interface LambdaHandlers {
  /** For API Gateway, and function URLs that buffer. */
  handler: (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;
  /** For function URLs with `InvokeMode: RESPONSE_STREAM`; absent where the runtime cannot stream. */
  stream: StreamifyHandler<APIGatewayProxyEventV2, void> | undefined;
}

/**
 * Milliseconds before an invocation's end at which it is answered with 504: enough to send the answer and, after it,
 * the telemetry. A fifth of the time where that is less.
 */
const DEADLINE_MARGIN_MS = 500;

/**
 * The Lambda handlers of the routes that `wire` adds to the app.
 *
 * @throws ConfigError when a setting is wrong: the function then fails at start, not at its first request.
 */
export async function lambdaHandlers(wire: (app: App, parts: Parts) => App | Promise<App>): Promise<LambdaHandlers> {
  const config = readConfig();
  const parts = await createParts(config);
  const [lifecycle, app] = await Promise.all([parts.startLifecycle(), wire(createApp(parts.server), parts)]);
  const initDurationMs = performance.now();
  let coldStart = true;

  async function answer(event: APIGatewayProxyEventV2, invocation: Omit<Invocation, "coldStart">): Promise<Response> {
    try {
      const request = toRequest(event);
      const start = coldStart ? { coldStart, initDurationMs } : { coldStart };
      coldStart = false;
      return await app.fetch(request, { invocation: { ...invocation, ...start } });
    } catch (error) {
      // Only what is no HTTP event gets here; serverless-offline would answer it with 200 and a stack trace.
      const { requestId: function_request_id } = invocation;
      log({ level: "ERROR", message: "not an HTTP event", function_request_id, error: describeError(error) });
      return problemResponse(toProblem(error, randomHex(16)));
    }
  }

  /** Answers an invocation; it is over when the response is sent and what goes on after it is done. */
  async function serve<T>(
    event: APIGatewayProxyEventV2,
    context: Context,
    send: (response: Response) => Promise<T>,
  ): Promise<T> {
    const leftMs = context.getRemainingTimeInMillis();
    const deadlineMs = Date.now() + leftMs;
    const pending: Promise<unknown>[] = [];
    const response = await answer(event, {
      waitUntil: (work) => void pending.push(work),
      requestId: context.awsRequestId,
      resourceId: context.invokedFunctionArn,
      ...xrayTraceHeaderOf(context),
      ...(config.lambda && { timeLeftMs: leftMs - Math.min(DEADLINE_MARGIN_MS, leftMs / 5) }),
    });
    try {
      return await send(response);
    } finally {
      await Promise.all(pending);
      await lifecycle.responded({ requestId: context.awsRequestId, deadlineMs });
    }
  }

  const runtime = typeof awslambda === "undefined" ? undefined : awslambda;
  return {
    handler: (event, context) => serve(event, context, toResult),
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
