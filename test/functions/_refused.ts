/** Calls the health function until its telemetry was refused, and prints what it then responds as the last line. */
import { handler } from "../../functions/health.ts";
import { invoke } from "./_lambda.ts";

const CALLS = 5;
const FLUSHED_MS = 300;

let telemetry: unknown;
for (let call = 0; call < CALLS; call += 1) {
  const { body } = await invoke(handler, "GET", "/health?deep=1");
  telemetry = body.telemetry;
  await new Promise((resolve) => setTimeout(resolve, FLUSHED_MS));
}
process.stdout.write(`${JSON.stringify({ telemetry })}\n`, () => process.exit(0));
