import { parseArgs } from "node:util";
import type { SmokeOptions } from "./run.ts";

export const USAGE = `Usage: npm run smoke -- URL [options]
  --key KEY              an API key that may write; better in the variable RAG_SMOKE_KEY, which no list of processes shows
  --stream-url URL       where POST /query streams, if that is another URL
  --jaeger URL           looks for the query's trace there; may have USER:PASSWORD@ (RAG_SMOKE_JAEGER)
  --prometheus URL       looks for the query's metrics there; may have USER:PASSWORD@ (RAG_SMOKE_PROMETHEUS)
  --environment NAME     the deployment.environment.name of those metrics
  --arrival SECONDS      until trace and metrics have to be there (60)
  --timeout SECONDS      for all checks together (180)
  --request-timeout SECONDS  for each request (35)
  --json                 the report as JSON, instead of the table
  --report FILE          the report as JSON into a file, besides
`;

export interface SmokeCommand {
  options: SmokeOptions;
  /** Print JSON instead of the table. */
  json: boolean;
  /** Where the report goes as JSON, besides. */
  file: string | undefined;
}

/** What the arguments ask for, or what is wrong with them. */
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

/** Without a slash at the end. @throws Error when it is no URL of the web */
function urlOf(value: string, what: string): string {
  const protocol = URL.parse(value)?.protocol;
  if (protocol === "http:" || protocol === "https:") return value.replace(/\/+$/, "");
  // With a password in it, it is not shown.
  throw new Error(`${what} has to start with https:// or http://${value.includes("@") ? "" : `, and is "${value}"`}`);
}

function millisecondsOf(value: string, name: string): number {
  const seconds = Number(value);
  if (seconds > 0 && seconds <= 86_400) return seconds * 1000;
  throw new Error(`${name} is a number of seconds, and is "${value}"`);
}
