import type { Reply } from "./_requests.ts";

/** All of a reply but ids, times and what telemetry says of itself; of these, that they are there. */
export function stable({ status, headers, body }: Reply) {
  const isStream = headers["content-type"] === "text/event-stream";
  const events = body.split("\n\n").map((event) => event.split("\ndata: "));
  return {
    status,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, untimed(name, value)])),
    body: isStream ? events.map(([name, data]) => [name, data && JSON.parse(data, steady)]) : parse(body),
  };
}

/** A header without what depends on the time, or on the trace. */
function untimed(name: string, value: string): string {
  if (name === "server-timing") return value.replaceAll(/dur=[\d.]+|desc="00-[\da-f]{32}-[\da-f]{16}-0[01]"/g, "…");
  return /^(?:ratelimit|ratelimit-reset|retry-after)$/.test(name) ? value.replace(/(^|t=)\d+$/, "$1…") : value;
}

function parse(body: string): unknown {
  return body && JSON.parse(body, steady);
}

function steady(name: string, value: unknown): unknown {
  if (name === "trace_id" && typeof value === "string") return "an id";
  if (name === "latency_ms" && typeof value === "number") return "a time";
  if (name === "timings_ms") return Object.keys(Object(value));
  if (name === "detail" && typeof value === "string") return value.replace(/Try again in \d+ s/, "Try again later");
  return name === "telemetry" ? Object.keys(Object(value)) : value;
}
