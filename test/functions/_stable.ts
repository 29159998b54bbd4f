import type { Reply } from "./_requests.ts";

/** A reply with placeholders for ids, times and telemetry state, so that replies of two runs can be compared. */
export function stable({ status, headers, body }: Reply) {
  const isStream = headers["content-type"] === "text/event-stream";
  const events = body.split("\n\n").map((event) => event.split(/(?:^|\n)data: /));
  return {
    status,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, stableHeader(name, value)])),
    body: isStream ? events.map(([name, data]) => [name, data === "[DONE]" ? data : parse(data)]) : parse(body),
  };
}

/** A header value without times and trace ids. */
function stableHeader(name: string, value: string): string {
  if (name === "server-timing") return value.replaceAll(/dur=[\d.]+|desc="00-[\da-f]{32}-[\da-f]{16}-0[01]"/g, "…");
  if (name === "x-request-id") return "an id";
  return /^(?:ratelimit|ratelimit-reset|retry-after)$/.test(name) ? value.replace(/(^|t=)\d+$/, "$1…") : value;
}

function parse(body = ""): unknown {
  return body && JSON.parse(body, stableField);
}

function stableField(name: string, value: unknown): unknown {
  if (name === "trace_id" && typeof value === "string") return "an id";
  if (name === "id" && typeof value === "string") return value.replace(/^chatcmpl-[\da-f]{32}$/, "chatcmpl-…");
  if (name === "created" && typeof value === "number") return "a time";
  if (name === "updated_at" && typeof value === "string") return "a time";
  if (name === "text" && typeof value === "string") return value.replace(/\(trace [\da-f]{32}\)$/, "(trace …)");
  if (name === "latency_ms" && typeof value === "number") return "a time";
  if (name === "timings_ms") return Object.keys(Object(value));
  if (name === "detail" && typeof value === "string") return value.replace(/Try again in \d+ s/, "Try again later");
  return name === "telemetry" ? Object.keys(Object(value)) : value;
}
