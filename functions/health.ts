/** GET /health and GET /openapi.json: liveness and readiness of the service, and the description of its API. */
import { createLambdaHandlers } from "#compose/lambda.ts";
import { addHealthRoutes } from "#http/routes/health.ts";

/** `parts.health` opens the providers at the first deep check: liveness loads nothing. */
export const { handler } = await createLambdaHandlers((app, parts) => addHealthRoutes(app, parts.health));
