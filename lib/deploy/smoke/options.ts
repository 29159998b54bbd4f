import { parseArgs } from "node:util";
import type { SmokeOptions } from "./run.ts";

export const USAGE = `Usage: npm run smoke -- URL [options]
  --key KEY              an API key with write access; RAG_SMOKE_KEY keeps it out of process lists
  --stream-url URL       where POST /query streams, if different
  --jaeger URL           Jaeger to find the query's trace in; may have USER:PASSWORD@ (RAG_SMOKE_JAEGER)
  --prometheus URL       Prometheus to find the query's metrics in; may have USER:PASSWORD@ (RAG_SMOKE_PROMETHEUS)
  --environment NAME     the deployment.environment.name of those metrics
  --arrival SECONDS      limit until trace and metrics have arrived (60)
  --timeout SECONDS      limit for all checks together (180)
  --request-timeout SECONDS  limit for each request (35)
  --json                 print the report as JSON instead of a table
  --report FILE          also write the report as JSON to a file
`;

export interface SmokeCommand {
  options: SmokeOptions;
  /** Print JSON instead of the table. */
  json: boolean;
  /** File that the report is also written to, as JSON. */
  file: string | undefined;
}

/** The options, or what is wrong with the arguments. */
export function smokeOptionsOf(args: readonly string[], env: NodeJS.ProcessEnv): SmokeCommand | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        key: { type: "string" },
        "stream-url": { type: "string" },
        jaeger: { type: "string" },
        prometheus: { type: "string" },
        environment: { type: "string" },
        arrival: { type: "string", default: "60" },
        timeout: { type: "string", default: "180" },
        "request-timeout": { type: "string", default: "35" },
        json: { type: "boolean", default: false },
        report: { type: "string" },
      },
    });
    const [url, ...rest] = positionals;
    if (url === undefined || rest.length > 0) throw new Error("give one URL, the API's root");
    const optionalUrl = (name: "stream-url" | "jaeger" | "prometheus", fallback = "") => {
      const value = values[name] || fallback;
      return value === "" ? undefined : urlOf(value, `--${name}`);
    };
    const options = {
      url: urlOf(url, "the URL"),
      key: values.key || env.RAG_SMOKE_KEY || undefined,
      streamUrl: optionalUrl("stream-url"),
      jaeger: optionalUrl("jaeger", env.RAG_SMOKE_JAEGER),
      prometheus: optionalUrl("prometheus", env.RAG_SMOKE_PROMETHEUS),
      environment: values.environment || undefined,
      arrivalMs: millisecondsOf(values.arrival, "--arrival"),
      timeoutMs: millisecondsOf(values.timeout, "--timeout"),
      requestTimeoutMs: millisecondsOf(values["request-timeout"], "--request-timeout"),
    };
    return { options, json: values.json, file: values.report || undefined };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Without a slash at the end. @throws Error unless it is an http or https URL */
function urlOf(value: string, what: string): string {
  const protocol = URL.parse(value)?.protocol;
  if (protocol === "http:" || protocol === "https:") return value.replace(/\/+$/, "");
  // It may have a password in it.
  throw new Error(`${what} must start with https:// or http://${value.includes("@") ? "" : `, not be "${value}"`}`);
}

function millisecondsOf(value: string, name: string): number {
  const seconds = Number(value);
  if (seconds > 0 && seconds <= 86_400) return seconds * 1000;
  throw new Error(`${name} must be a number of seconds, not "${value}"`);
}
