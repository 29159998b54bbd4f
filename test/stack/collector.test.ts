import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { runsDocker } from "../../local-stack/stack/create.ts";
import { Environment } from "./_fleet.ts";
import { eventually, startStack } from "./_stack.ts";

async function start(settings: Record<string, string>) {
  const stack = await startStack(settings);
  onTestFinished(() => stack.down());
  return stack;
}

test("a collector with authentication accepts telemetry only with the token", async () => {
  const { urls, queries } = await start({ COLLECTOR_AUTH: "true", COLLECTOR_TOKEN: "correct-horse" });
  const sender = (headers: Record<string, string>) => new Environment({ endpoint: urls.otlp, headers });

  const unauthorized = sender({ authorization: "Bearer battery-staple" });
  await unauthorized.ask();
  expect(await unauthorized.flush()).toEqual({ ok: false, errors: ["traces: HTTP 401", "metrics: HTTP 401"] });

  const authorized = sender({ authorization: "Bearer correct-horse" });
  await authorized.ask();
  expect(await authorized.flush()).toEqual({ ok: true, errors: [] });
  const count = "sum(rag_query_duration_seconds_count)";
  expect(
    await eventually(
      () => queries.value(count),
      (value) => value > 0,
    ),
  ).toBe(1);
  await Promise.all([unauthorized.end(), authorized.end()]);
});

interface Point {
  attributes: { key: string; value: { stringValue?: string } }[];
  asInt: string;
}
interface Pushed {
  resourceMetrics: { scopeMetrics: { metrics: { name: string; sum?: { dataPoints: Point[] } }[] }[] }[];
}

/** A backend that receives OTLP/HTTP, as hosted ones do. Containers cannot reach it. */
async function startBackend() {
  const received: { path: string; headers: IncomingHttpHeaders; body: Buffer }[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      received.push({ path: request.url ?? "", headers: request.headers, body });
      response.writeHead(200, { "content-type": "application/x-protobuf" }).end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/otlp` };
}

test.skipIf(runsDocker())("an OTLP backend receives sums by service, environment and function", async () => {
  const { received, url } = await startBackend();
  const { urls } = await start({
    COLLECTOR_METRICS_EXPORTERS: "[prometheus, otlp_http/metrics]",
    COLLECTOR_METRICS_ENDPOINT: url,
    COLLECTOR_METRICS_HEADERS: '{authorization: "Basic abc"}',
    COLLECTOR_METRICS_ENCODING: "json",
  });
  const environments = Array.from({ length: 3 }, () => new Environment({ endpoint: urls.otlp }));
  for (const environment of environments) {
    await environment.ask();
    expect((await environment.flush()).ok).toBe(true);
    await environment.end();
  }

  const misses = () =>
    received
      .map(({ body }) => JSON.parse(gunzipSync(body).toString()) as Pushed)
      .flatMap(({ resourceMetrics }) => resourceMetrics)
      .flatMap(({ scopeMetrics }) => scopeMetrics)
      .flatMap(({ metrics }) => metrics)
      .filter(({ name }) => name === "rag_embedding_cache_misses_total")
      .flatMap(({ sum }) => sum?.dataPoints ?? []);
  await eventually(
    async () => Number(misses().at(-1)?.asInt),
    (value) => value === 3,
    20_000,
  );
  expect(misses().map(({ asInt }) => Number(asInt))).toContain(3);
  expect(
    Object.fromEntries(
      misses()
        .at(-1)
        ?.attributes.map(({ key, value }) => [key, value.stringValue]) ?? [],
    ),
  ).toEqual({
    "service.name": "edge-rag",
    "deployment.environment.name": "dev",
    "faas.name": "edge-rag-dev-query",
  });
  expect(received[0]).toMatchObject({ path: "/otlp/v1/metrics", headers: { authorization: "Basic abc" } });
});
