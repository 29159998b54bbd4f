import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createModelFolderEmbedder } from "#providers/embedded/model-folder-embedder.ts";
import { GRAPH, ROWS, writeModelFolder } from "./_model-folder.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "edge-rag-model-folder-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

let folders = 0;
const write = (changes?: Record<string, unknown>) => writeModelFolder(join(root, `model-${++folders}`), changes);
const open = async (changes?: Record<string, unknown>) => createModelFolderEmbedder(await write(changes));

/** The mean of rows, scaled to length 1, in six digits. */
function meanOfRows(...ids: number[]): number[] {
  const sum = [0, 1, 2, 3].map((at) => ids.reduce((total, id) => total + (ROWS[id]?.[at] ?? Number.NaN), 0));
  return sum.map((value) => Number((value / Math.hypot(...sum)).toFixed(6)));
}

async function vectorOf(changes: Record<string, unknown>, text: string): Promise<number[]> {
  const [vector = []] = (await (await open(changes)).embedder.embed([text])).vectors;
  return Array.from(vector, (value) => Number(value.toFixed(6)));
}

describe("the model of a folder", () => {
  it("has the folder's name and the size that its config has", async () => {
    const { embedder } = createModelFolderEmbedder(await writeModelFolder(join(root, "bge-small-en-v1.5/")));
    expect(embedder).toMatchObject({ provider: "onnxruntime", model: "bge-small-en-v1.5", dimensions: 4 });
  });

  it.each([
    ["the mean of its tokens when the folder does not say how they are pooled", {}, [1, 3, 4, 2]],
    ["their mean", { "1_Pooling/config.json": { pooling_mode_mean_tokens: true } }, [1, 3, 4, 2]],
    ["the first of them", { "1_Pooling/config.json": { pooling_mode_cls_token: true } }, [1]],
    ["the first, in the newer spelling", { "1_Pooling/config.json": { pooling_mode: "cls" } }, [1]],
    ["as many as it reads, with the last", { "sentence_bert_config.json": { max_seq_length: 3 } }, [1, 3, 2]],
    ["those of the smaller graph", { "onnx/model.onnx": "no graph", "onnx/model_quantized.onnx": GRAPH }, [1, 3, 4, 2]],
    ["those of a graph beside the config", { "onnx/model.onnx": undefined, "model.onnx": GRAPH }, [1, 3, 4, 2]],
  ])("gives a text %s", async (_, changes, ids) => {
    expect(await vectorOf(changes, "Cat dog")).toEqual(meanOfRows(...ids));
  });

  it("asks for the prefixes that its folder has", async () => {
    const prompts = { query: "query: ", document: "passage: " };
    const { prefixes } = await open({ "config_sentence_transformers.json": { prompts } });
    expect(prefixes).toEqual({ query: "query: ", passage: "passage: " });
    expect((await open()).prefixes).toBeUndefined();
  });
});

describe("a folder that is no model", () => {
  it("is refused when it is not there", () => {
    expect(() => createModelFolderEmbedder(join(root, "nowhere"))).toThrow(/^there is no folder .*nowhere\. RAG_LOCAL/);
  });

  it.each([
    ["has no config", { "config.json": undefined }, "has no config.json. RAG_LOCAL_MODEL is the folder of"],
    [
      "has no graph and vocabulary",
      { "tokenizer.json": undefined, "onnx/model.onnx": undefined },
      "has no tokenizer.json, no onnx",
    ],
    ["has a config that is not JSON", { "config.json": "{" }, "config.json is not JSON"],
    ["has a config of something else", { "config.json": {} }, "has no hidden_size"],
    [
      "has a layer that is not in the graph",
      { "modules.json": [{ type: "sentence_transformers.models.Dense" }] },
      "Dense",
    ],
    [
      "pools in another way",
      { "1_Pooling/config.json": { pooling_mode_max_tokens: true } },
      "a pooling that is not supported",
    ],
  ])("is refused when it %s", async (_, changes, message) => {
    await expect(open(changes)).rejects.toThrow(message);
  });

  it.each([
    ["is no graph", { "onnx/model.onnx": "no graph" }, /model\.onnx could not be loaded as an ONNX model/],
    ["gives vectors of another size", { "config.json": { hidden_size: 8 } }, /does not give a vector of 8 numbers/],
  ])("fails with the first text when its file %s", async (_, changes, message) => {
    const { embedder } = await open(changes);
    await expect(embedder.embed(["cat"])).rejects.toThrow(message);
  });
});
