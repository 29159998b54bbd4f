import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { bundle, ROOT } from "#deploy/bundle/bundle.ts";
import { embedEvent, queryEvent } from "../tools/lambda/events.ts";
import { FaultyCollector } from "../tools/lambda/faulty-collector.ts";
import { type Emulator, prepareEmulator, startEmulator } from "./_emulator.ts";

const { program = "", missing } = prepareEmulator();
if (missing) console.error(`AWS's RUNTIME INTERFACE EMULATOR IS NOT TESTED: it cannot be built: ${missing}`);

const INVOCATIONS = 5;
/** An extension that does not request the next event delays the response up to the function's timeout. */
const TIMEOUT_MS = 15_000;

let taskRoot: string;
let dataDir: string;

async function start(name: string): Promise<{ emulator: Emulator; collector: FaultyCollector }> {
  const collector = await FaultyCollector.start();
  onTestFinished(() => collector.close());
  const settings = { RAG_EMBEDDED: "true", RAG_PUBLIC: "true", RAG_DATA_DIR: dataDir };
  const env = { ...settings, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  const emulator = await startEmulator({ program, taskRoot, name, env });
  onTestFinished(async () => {
    await emulator.stop();
  });
  return { emulator, collector };
}

/** Times of all matching log lines, in milliseconds since the epoch. */
function timesOf({ log }: Emulator, pattern: RegExp): number[] {
  const lines = log.filter((line) => pattern.test(line));
  return lines.map((line) => Date.parse(`${line.slice(0, line.indexOf(" [")).replace(",", ".")} UTC`));
}

describe.skipIf(missing)(
  `AWS's Runtime Interface Emulator${missing ? " (NOT TESTED: no emulator)" : ""}`,
  { timeout: TIMEOUT_MS },
  () => {
    beforeAll(async () => {
      const bundles = join(ROOT, ".bundle");
      mkdirSync(bundles, { recursive: true });
      taskRoot = mkdtempSync(join(bundles, "emulator-"));
      dataDir = mkdtempSync(join(tmpdir(), "edge-rag-emulator-"));
      await bundle(taskRoot);
      execFileSync(process.execPath, [join(ROOT, "test/tools/lambda/seed.ts")], {
        env: { PATH: process.env.PATH, RAG_DATA_DIR: dataDir },
      });
    });
    afterAll(() => {
      for (const folder of [taskRoot, dataDir]) if (folder) rmSync(folder, { recursive: true, force: true });
    });

    test("exports the trace and metrics of each invocation after its response and before the next invocation", async () => {
      const { emulator, collector } = await start("query");
      for (let turn = 1; turn <= INVOCATIONS; turn += 1) {
        const { statusCode, body } = await emulator.invoke(queryEvent());
        expect(statusCode, body).toBe(200);
        expect(JSON.parse(body).citations[0]).toMatchObject({ index: 1, document_id: "bees" });
        // The emulator forwards a response once the extension has requested the next event.
        const exports = collector.requests.slice(2 * (turn - 1));
        expect(exports.map(({ path }) => path)).toEqual(["/v1/traces", "/v1/metrics"]);
        expect(collector.ledger.roots()).toHaveLength(turn);
        expect(collector.ledger.total("http.server.request.duration").count).toBe(turn);

        const responded = timesOf(emulator, /API request - POST .*\/invocation\/[^/]+\/response/).at(-1);
        const exported = Date.now() - performance.now() + Math.min(...exports.map(({ at }) => at));
        expect(exported).toBeGreaterThanOrEqual(responded ?? Number.POSITIVE_INFINITY);
      }
      expect(collector.ledger.duplicates).toBe(0);
      const agents = emulator.log.filter((line) =>
        /Internal agent edge-rag-telemetry .* registered.*\[INVOKE\]/.test(line),
      );
      expect(agents).toHaveLength(1);
      expect(timesOf(emulator, /API request - GET \/2020-01-01\/extension\/event\/next/)).toHaveLength(INVOCATIONS + 1);
    });

    test("works for another function, and leaves no process behind after SIGTERM", async () => {
      const { emulator, collector } = await start("embed");
      const { statusCode, body } = await emulator.invoke(embedEvent());
      expect(statusCode, body).toBe(200);
      expect(collector.ledger.roots()).toMatchObject([{ name: "POST /embed" }]);
      expect(timesOf(emulator, /API request - GET \/2020-01-01\/extension\/event\/next/)).toHaveLength(2);
      expect(await emulator.stop()).toBe(false);
    });
  },
);
