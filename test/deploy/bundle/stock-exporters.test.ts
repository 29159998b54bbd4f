import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { bundle, ROOT } from "#deploy/bundle/bundle.ts";
import { FaultyCollector } from "../../tools/lambda/faulty-collector.ts";
import { runFunction } from "../../tools/size/run.ts";
import { startServices } from "../../tools/size/services.ts";

/** Bundles `health`, sends it a request with RAG_OTLP_EXPORTER=opentelemetry, and returns what the collector received. */
async function exportFrom({ stockExporters }: { stockExporters: boolean }) {
  mkdirSync(join(ROOT, ".bundle"), { recursive: true });
  const folder = mkdtempSync(join(ROOT, ".bundle/test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const services = await startServices();
  onTestFinished(() => services.close());
  const collector = await FaultyCollector.start({ kind: "healthy" }, { keepBodies: true });
  onTestFinished(() => collector.close());

  await bundle(folder, { entries: ["functions/health.ts"], stockExporters });
  const settings = { RAG_OTLP_EXPORTER: "opentelemetry", OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  const health = { method: "GET", path: "/health" };
  const { replies, stderr } = await runFunction(join(folder, "health.mjs"), { ...services.env, ...settings }, [
    health,
    health,
  ]);
  expect(replies).toMatchObject([{ status: 200 }, { status: 200 }]);
  expect(collector.malformed).toEqual([]);
  expect(new Set(collector.requests.map(({ path }) => path))).toEqual(new Set(["/v1/metrics", "/v1/traces"]));
  return { userAgents: new Set(collector.requests.map(({ headers }) => headers["user-agent"])), stderr };
}

test("a function bundled with OpenTelemetry's exporters exports through them", async () => {
  const { userAgents, stderr } = await exportFrom({ stockExporters: true });
  expect([...userAgents]).toEqual([expect.stringMatching(/^OTel-OTLP-Exporter-JavaScript\//)]);
  expect(stderr).toBe("");
});

test("a function bundled without OpenTelemetry's exporters warns once and exports through the built-in one", async () => {
  const { userAgents, stderr } = await exportFrom({ stockExporters: false });
  expect([...userAgents]).toEqual([expect.stringMatching(/^edge-rag/)]);
  expect(stderr.match(/RAG_OTLP_EXPORTER=opentelemetry is not in effect/g)).toHaveLength(1);
  expect(stderr).toContain("Set it while packaging: RAG_OTLP_EXPORTER=opentelemetry npm run package.");
});
