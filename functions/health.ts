/** GET /health and GET /openapi.json: whether the service answers, and how to talk to it. */
import { lambdaHandlers } from "#compose/lambda.ts";
import { healthRoutes } from "#http/routes/health.ts";

export const { handler } = await lambdaHandlers((app, parts) => healthRoutes(app, parts.health));
