import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import { readConfig } from "#config/env.ts";
import { type App, createApp } from "#http/app.ts";
import { toRequest, toResult } from "#http/lambda-event.ts";
import { problemResponse, toProblem } from "#http/problem.ts";
import { logError } from "./log.ts";
import { createParts, type Parts } from "./parts.ts";
import { randomHex } from "./trace-id.ts";

type Handler = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

/** What telemetry may cost a response on Lambda, where the environment freezes once the handler has returned. */
const FLUSH_BUDGET_MS = 300;

/**
 * A Lambda handler for the routes that `wire` adds to the app.
 *
 * @throws ConfigError when a setting is wrong: the function then fails at start, not at its first request.
 */
export async function lambdaHandler(wire: (app: App, parts: Parts) => App | Promise<App>): Promise<Handler> {
  const config = readConfig();
  const parts = await createParts(config);
  const app = await wire(createApp(parts.server), parts);
  const initDurationMs = performance.now();
  let coldStart = true;

  return async (event, context) => {
    const invocation = {
      requestId: context.awsRequestId,
      resourceId: context.invokedFunctionArn,
      ...(coldStart ? { coldStart, initDurationMs } : { coldStart }),
    };
    coldStart = false;
    try {
      return await toResult(await app.fetch(toRequest(event), { invocation }));
    } catch (error) {
      // Only what is no HTTP event gets here; serverless-offline would answer it with 200 and a stack trace.
      logError(error, { requestId: context.awsRequestId });
      return toResult(problemResponse(toProblem(error, randomHex(16))));
    } finally {
      const flushed = parts.flush(FLUSH_BUDGET_MS);
      if (config.runtime === "lambda") await flushed;
    }
  };
}
