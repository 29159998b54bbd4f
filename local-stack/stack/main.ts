/**
 * `npm run stack up|down|status|logs [telemetry|data|SERVICE…] [--docker|--native]`: the collector, Jaeger, Prometheus,
 * Grafana, Redis and Qdrant in Docker or, without Docker, those of them that run natively.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createStack } from "./create.ts";
import type { Profile, Stack } from "./stack.ts";

const USAGE = `Usage: npm run stack up [telemetry|data]      start the services and wait until they are ready
       npm run stack down                     stop everything; with -- --forget, also delete stored data
       npm run stack status                   show the services with their state and URL
       npm run stack logs [SERVICE…]          follow the logs
Add -- --docker or -- --native to choose how to run them; the default is Docker if it is running.`;

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(`npm run stack: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

async function main(args: string[]): Promise<void> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { docker: { type: "boolean" }, native: { type: "boolean" }, forget: { type: "boolean" } },
  });
  const [command, ...rest] = positionals;
  if (!["up", "down", "status", "logs"].includes(command ?? "")) {
    console.error(USAGE);
    process.exitCode = 2;
    return;
  }
  const stack = createStack(
    { folder: join(import.meta.dirname, "../../.stack/run"), project: "edge-rag", settings: readSettings() },
    values.docker ? "docker" : values.native ? "native" : undefined,
  );
  switch (command) {
    case "up":
      return up(stack, profileOf(rest));
    case "down":
      await stack.down(values.forget);
      return console.log(`The stack is down. Its data was ${values.forget ? "deleted" : "kept"}.`);
    case "status":
      return status(stack);
    default:
      return stack.logs(rest);
  }
}

async function up(stack: Stack, profile: Profile): Promise<void> {
  const started = Date.now();
  const interrupted = new AbortController();
  process.once("SIGINT", () => interrupted.abort(new Error("interrupted; the started services were stopped")));
  await stack.up(profile, interrupted.signal);
  await status(stack);
  console.log(
    `Ready in ${((Date.now() - started) / 1_000).toFixed(1)} s. npm run dev now sends its telemetry to the collector.`,
  );
  if (stack.kind === "native") {
    console.log(
      "Without Docker, Grafana, Qdrant and Redis's REST proxy are missing: they are available only as images.",
    );
  }
}

async function status(stack: Stack): Promise<void> {
  const services = await stack.status();
  if (services.length === 0) return console.log("The stack is not running. Start it with npm run stack up");
  for (const { name, state, url = "" } of services)
    console.log(`${name.padEnd(16)} ${state.padEnd(12)} ${url}`.trimEnd());
}

function profileOf([word = "all", ...more]: readonly string[]): Profile {
  if ((word === "telemetry" || word === "data" || word === "all") && more.length === 0) return word;
  throw new Error(`unknown profile "${[word, ...more].join(" ")}": use up telemetry, up data, or up for both`);
}

/** The environment variables; a COLLECTOR_TOKEN enables COLLECTOR_AUTH. */
function readSettings(): Record<string, string> {
  const settings = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => !!entry[1]),
  );
  if (settings.COLLECTOR_AUTH === "true" && !settings.COLLECTOR_TOKEN) {
    throw new Error("COLLECTOR_AUTH=true needs COLLECTOR_TOKEN, the token that clients must send");
  }
  return settings.COLLECTOR_TOKEN ? { COLLECTOR_AUTH: "true", ...settings } : settings;
}
