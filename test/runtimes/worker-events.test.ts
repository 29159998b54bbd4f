import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { attribute } from "../support/otlp.ts";
import { WORKER_FOLDER } from "./_setup.ts";
import { startWorkerd } from "./_workerd.ts";

const RAY = "230b030023ae2822-SJC";

test("spans say which invocation of which worker they are of, and which was the isolate's first", async () => {
  const options = { versionMetadata: "CF_VERSION_METADATA" };
  const variables = { OTEL_SERVICE_NAME: "bees", RAG_FLUSH_DELAY_MS: "0" };
  const { send, restart, spans, metrics, resources } = await startWorkerd({ options, variables });
  await send("GET /health", undefined, { "cf-ray": RAY });
  await send("GET /embed/nothing?limit=1", undefined, { "cf-ray": "no ray" });
  await vi.waitFor(() => expect(spans.filter(({ parentSpanId }) => !parentSpanId)).toHaveLength(2), 5_000);
  await restart();
  await send("GET /health");
  await vi.waitFor(() => expect(spans.filter(({ parentSpanId }) => !parentSpanId)).toHaveLength(3), 5_000);

  const roots = spans.filter(({ parentSpanId }) => !parentSpanId);
  const read = (...names: string[]) => roots.map((span) => names.map((name) => attribute(span, name)));
  expect(read("faas.coldstart", "faas.invocation.id")).toEqual([
    ...[
      [true, RAY],
      [false, undefined],
      [true, undefined],
    ],
  ]);
  expect(read("faas.trigger", "http.request.method", "url.path", "url.scheme", "http.response.status_code")[1]).toEqual(
    [...["http", "GET", "/embed/nothing", "http", 404]],
  );
  expect(attribute(roots[1] ?? { attributes: [] }, "http.route")).toBe("/embed/{document_id}");

  expect(resources[0]).toMatchObject({
    ...{ "service.name": "bees", "faas.name": "bees", "faas.version": expect.stringMatching(/^[\w-]+$/) },
    ...{ "cloud.provider": "cloudflare", "cloud.platform": "cloudflare.workers" },
  });
  expect(new Set(resources.map((resource) => resource["service.instance.id"])).size).toBe(2);
  const names = metrics.map(({ name }) => name);
  expect(names).toContain("faas.coldstarts");
  expect(names).not.toContain("faas.init_duration");
});

test("with invalid settings it loads, answers 500 without saying why, and logs each of them", async () => {
  const { send, lines, spans } = await startWorkerd({ variables: { QDRANT_URL: "", RAG_FLUSH_DELAY_MS: "soon" } });
  const response = await send("GET /health");
  expect([response.status, response.headers.get("content-type")]).toEqual([500, "application/problem+json"]);
  expect(await response.json()).toEqual({ type: "about:blank", title: "Internal Server Error", status: 500 });
  await vi.waitFor(() => expect(lines).toHaveLength(1));
  expect(lines[0]).toMatchObject({
    ...{ level: "ERROR", message: "the worker cannot start" },
    settings: [
      expect.stringMatching(/^QDRANT_URL: must be set in a worker/),
      expect.stringMatching(/^RAG_FLUSH_DELAY_MS: must be a whole/),
    ],
  });
  expect(spans).toEqual([]);
});

test("a rejection that nothing handles is logged, without its message", async () => {
  const before = `
    const { fetch } = globalThis;
    globalThis.fetch = (...args) => {
      Promise.reject(new TypeError("secret"));
      return fetch(...args);
    };
  `;
  const { send, lines } = await startWorkerd({ before });
  await send("GET /embed");
  await vi.waitFor(() =>
    expect(lines).toContainEqual(
      expect.objectContaining({
        message: "unhandled rejection",
        error: expect.objectContaining({ name: "TypeError" }),
      }),
    ),
  );
  expect(JSON.stringify(lines.filter(({ message }) => message === "unhandled rejection"))).not.toContain("secret");
});

test("the bundle has the platform's own classes of fetch, not those that are light on Lambda", () => {
  const theirs = "A body's stream has a chunk that is not a Uint8Array";
  expect(readFileSync("lib/deploy/bundle/light-content.ts", "utf8")).toContain(theirs);
  expect(readFileSync(join(WORKER_FOLDER, "worker.js"), "utf8")).not.toContain(theirs);
});
