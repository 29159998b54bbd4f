import { once } from "node:events";
import { getTracer, setupTelemetry } from "#telemetry/index.ts";

/**
 * A process to be stopped and continued from outside, like a Lambda environment between invocations. Flushes one span
 * with hardly any time and says so; on a message, flushes again and reports the outcome. Its settings come as JSON.
 */
const [, , settings = ""] = process.argv;
const telemetry = setupTelemetry(JSON.parse(settings));
getTracer("mine").startSpan("invocation").end();
await telemetry.flush(100);
const goOn = once(process, "message");
process.send?.("flushed");
await goOn;
await telemetry.flush(1_000, true);
process.send?.(telemetry.state(), () => process.exit());
