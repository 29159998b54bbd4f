import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ruleFor, runnable } from "../docs/_commands.ts";
import { type Block, shellBlocks } from "../docs/_pages.ts";
import { startOpenAIServer } from "../support/openai-server.ts";
import { type Served, serve } from "./_serve.ts";

const [FIRST, ...SERVED] = of("serve");
const RUN = of("run");
/** Ollama's address in the docs. */
const OLLAMA = "http://localhost:11434/v1";

let folder: string;
let dev: Served;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "edge-rag-commands-"));
  dev = await serve(runnable(FIRST?.text ?? ""), join(folder, "dev"));
});
afterAll(async () => {
  await dev?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function of(kind: "run" | "serve"): Block[] {
  return shellBlocks().filter(({ text }) => ruleFor(text).handling.kind === kind);
}

/** Runs a block as a reader would, but stops at the first failed command; an error status fails curl. */
function run(block: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const text = runnable(block).replaceAll("http://localhost:3000", dev.url);
  const shell = `set -euo pipefail; curl() { command curl --fail-with-body "$@"; }\n${text}`;
  return new Promise((resolve) => {
    const env = { ...process.env, RAG_DATA_DIR: join(folder, "run") };
    const child = execFile("bash", ["-c", shell], { env, maxBuffer: 2 ** 26 }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

describe("commands of the docs", () => {
  test(`${FIRST?.where} starts and answers its first question from the docs`, async () => {
    expect(await dev.ask("How do I turn telemetry off?")).toMatchObject({
      answer: expect.stringContaining("OTEL_ENABLED=false"),
      citations: [{ document_id: expect.stringMatching(/\.md$/) }, {}, {}, {}, {}],
    });
  });

  test("the README shows the answer that its first question gets", async () => {
    const [, answer = '""'] = /^ {2}"answer": (".*"),$/m.exec(readFileSync("README.md", "utf8")) ?? [];
    expect(await dev.ask("How do I turn telemetry off?")).toMatchObject({ answer: JSON.parse(answer) });
  });

  // In document order: later blocks query and remove what earlier ones add.
  test.each(RUN.map(({ where, text }) => [where, text] as const))("%s", async (_, text) => {
    const { code, stdout, stderr } = await run(text);
    expect(code, `${text}\n${stdout}\n${stderr}`).toBe(0);
    expect(stdout).not.toBe("");
  });

  test.each(SERVED.map(({ where, text }) => [where, text] as const))("%s", async (where, text) => {
    const openai = await startOpenAIServer({ dimensions: 768, chat: () => ({ content: "So it is [1]." }) });
    const served = await serve(runnable(text).replaceAll(OLLAMA, openai.url), join(folder, where.replaceAll("/", "-")));
    try {
      expect(await served.ask("How do I turn telemetry off?")).toMatchObject({ answer: "So it is [1]." });
    } finally {
      await served.stop();
      await openai.close();
    }
  });
});
