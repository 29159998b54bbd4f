import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import { readConfig, readXrayTraceHeader } from "#config/env.ts";
import { type App, createApp, type Invocation } from "#http/app.ts";
import { toRequest, toResult } from "#http/lambda-event.ts";
import { problemResponse, toProblem } from "#http/problem.ts";
import { limitRate } from "#http/rate-limit.ts";
import { describeError, log } from "./log.ts";
import { createParts, type Parts } from "./parts.ts";
import { randomHex } from "./trace-id.ts";

type Handler = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

/**
 * Milliseconds before an invocation's end at which it is answered with 504: enough to send the answer and, after it,
 * the telemetry. A fifth of the time where that is less.
 */
const DEADLINE_MARGIN_MS = 500;

/**
 * A Lambda handler for the routes that `wire` adds to the app.
 *
 * @throws ConfigError when a setting is wrong: the function then fails at start, not at its first request.
 */
export async function lambdaHandler(wire: (app: App, parts: Parts) => App | Promise<App>): Promise<Handler> {
  const config = readConfig();
  const parts = await createParts(config);
  const guarded = createApp(parts.server);
  if (parts.rateLimit) limitRate(guarded, parts.rateLimit);
  const [lifecycle, app] = await Promise.all([parts.startLifecycle(), wire(guarded, parts)]);
  const initDurationMs = performance.now();
  let coldStart = true;

  return async (event, context) => {
    const leftMs = context.getRemainingTimeInMillis();
    const pending: Promise<unknown>[] = [];
    const invocation: Invocation = {
      waitUntil: (work) => void pending.push(work),
      requestId: context.awsRequestId,
      resourceId: context.invokedFunctionArn,
      ...(coldStart ? { coldStart, initDurationMs } : { coldStart }),
      ...xrayTraceHeaderOf(context),
      ...(config.lambda && { timeLeftMs: leftMs - Math.min(DEADLINE_MARGIN_MS, leftMs / 5) }),
    };
    const deadlineMs = Date.now() + leftMs;
    try {
      const request = toRequest(event);
      coldStart = false;
      const result = await toResult(await app.fetch(request, { invocation }));
      await Promise.all(pending);
      return result;
    } catch (error) {
      // Only what is no HTTP event gets here; serverless-offline would answer it with 200 and a stack trace.
      const { requestId: function_request_id } = invocation;
      log({ level: "ERROR", message: "not an HTTP event", function_request_id, error: describeError(error) });
      return toResult(problemResponse(toProblem(error, randomHex(16))));
    } finally {
      await lifecycle.responded({ requestId: context.awsRequestId, deadlineMs });
    }
  };
}

/** On managed instances, where invocations run side by side, the header is on the context, which no type says. */
function xrayTraceHeaderOf(context: Context): Pick<Invocation, "xrayTraceHeader"> {
  const xrayTraceHeader = (context as { xRayTraceId?: string }).xRayTraceId ?? readXrayTraceHeader();
  return xrayTraceHeader === undefined ? {} : { xrayTraceHeader };
}
