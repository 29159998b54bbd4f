/** A process of `npm run bench -- transport`: sends flushes with one client and reports the mean CPU time of one. */
import { Agent, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { createOtlpHttpClient } from "#telemetry/export/otlp-http.ts";

const [client = "", url = "", count = ""] = process.argv.slice(2);
const PAUSE_MS = 10;
const WARM_UP = 50;
/** Roughly the JSON bytes that one query exports. */
const TRACES = body("resourceSpans", 4_500);
const METRICS = body("resourceMetrics", 8_000);

type Send = (path: string, body: Uint8Array) => Promise<unknown>;

const send = client === "http1" ? overHttp1() : overNodeHttp();
await overNodeHttp()("/v1/traces", TRACES); // node:http is loaded and connected for either client
const spent: number[] = [];
for (let flush = -WARM_UP; flush < Number(count); flush += 1) {
  work();
  await delay(PAUSE_MS);
  const before = process.cpuUsage();
  await Promise.all([send("/v1/traces", TRACES), send("/v1/metrics", METRICS)]);
  const { user, system } = process.cpuUsage(before);
  if (flush >= 0) spent.push(user + system);
}
process.send?.(spent.reduce((sum, micros) => sum + micros, 0) / spent.length);
process.disconnect();

function overHttp1(): Send {
  const options = { headers: {}, userAgent: "bench", compression: "none", timeoutMs: 5_000 } as const;
  const clients = new Map(
    ["/v1/traces", "/v1/metrics"].map((path) => [path, createOtlpHttpClient({ ...options, url: new URL(path, url) })]),
  );
  return async (path, body) => clients.get(path)?.send(body);
}

/** What a plain exporter does: one request with a timeout over a keep-alive agent. */
function overNodeHttp(): Send {
  const agent = new Agent({ keepAlive: true });
  return (path, body) => {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const headers = { "content-type": "application/json", "content-length": body.byteLength };
    const sent = request(new URL(path, url), { method: "POST", agent, headers, timeout: 5_000 }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.once("end", () => resolve(Buffer.concat(parts).length));
    });
    sent.once("timeout", () => sent.destroy(new Error("timeout")));
    sent.once("error", reject);
    sent.end(body);
    return promise;
  };
}

/** Evicts CPU caches, as an invocation does. */
function work(): void {
  const texts = Array.from({ length: 2_000 }, (_, index) => ({ index, text: `document ${index} of the corpus` }));
  JSON.parse(JSON.stringify(texts));
}

function body(field: string, bytes: number): Uint8Array {
  return Buffer.from(JSON.stringify({ [field]: [{ resource: { attributes: [] }, filler: "x".repeat(bytes) }] }));
}
