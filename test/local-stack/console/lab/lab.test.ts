import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { Hono } from "hono";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { openEmbeddedStore } from "#compose/embedded.ts";
import type { LabResult, SupportResult } from "#console/contract.ts";
import { createLab, type LabOptions } from "#console/lab/lab.ts";
import { addLabRoutes } from "#console/lab/routes.ts";
import { miniLmEmbedder } from "#providers/embedded/minilm-embedder.ts";
import { createTenantStore } from "#providers/wrappers/tenant-store.ts";
import { folderOf } from "../../../bulk/_folder.ts";

afterEach(() => void vi.unstubAllEnvs());

function labApi(options: LabOptions) {
  const lab = createLab(options);
  onTestFinished(() => lab.close());
  const api = new Hono();
  addLabRoutes(api, lab);
  const post =
    <Result>(path: string) =>
    async (body: unknown, headers: Record<string, string> = {}) => {
      const response = await api.request(path, { method: "POST", headers, body: JSON.stringify(body) });
      return { status: response.status, body: (await response.json()) as Result & { detail?: string } };
    };
  return { lab, ask: post<LabResult>("/lab"), support: post<SupportResult>("/support") };
}

/** Ids of the processes that search for this one. */
function processes(): number[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" }).split("\n");
  const rows = lines.map((line) => line.trim().split(/\s+/));
  return rows
    .filter(([, parent, ...args]) => Number(parent) === process.pid && args.join(" ").includes("lab/process.ts"))
    .map(([pid]) => Number(pid));
}

/** A data folder with a document of each tenant. */
async function storeOf(...tenants: string[]): Promise<string> {
  const dataDir = folderOf({});
  const { store, close } = await openEmbeddedStore(dataDir, miniLmEmbedder);
  const owned = createTenantStore(store);
  for (const tenant of tenants) {
    const document = { id: `of ${tenant}`, title: "", topicIds: [1], metadata: {}, version: "1" };
    const chunk = { id: `00000000-0000-4000-8000-00000000000${tenant.length}`, position: 0, heading: "", text: "bees" };
    const vector = new Float32Array(miniLmEmbedder.dimensions).fill(miniLmEmbedder.dimensions ** -0.5);
    await owned.replace(document, [{ ...chunk, vector }], { tenant });
  }
  close();
  return dataDir;
}

const hash = (key: string) => createHash("sha256").update(key).digest("hex");

describe("the search lab", { timeout: 60_000 }, () => {
  it("takes the keys of the functions, and finds what their tenant and topics may see", async () => {
    const dataDir = await storeOf("acme", "other");
    vi.stubEnv("RAG_API_KEYS", `acme:${hash("k1")},other:${hash("k2")},other:${hash("k3")}:2`);
    const { ask } = labApi({ dataDir });
    const search = { question: "bees" };
    expect((await ask(search)).status).toBe(401);
    expect((await ask(search, { authorization: "Bearer no" })).body.detail).toBe("Unknown API key.");
    const found = async (key: string) => {
      const { body } = await ask(search, { authorization: `Bearer ${key}` });
      return [body.meaning, body.words, body.fused, body.reranked].map((list) =>
        list.map(({ document_id }) => document_id),
      );
    };
    expect(await found("k1")).toEqual(Array(4).fill(["of acme"]));
    expect(await found("k2")).toEqual(Array(4).fill(["of other"]));
    expect(await found("k3")).toEqual(Array(4).fill([]));
    const invalid = await ask({ question: "bees", top_k: 51 }, { authorization: "Bearer k1" });
    expect(invalid).toMatchObject({ status: 400, body: { errors: [{ path: "/top_k" }] } });
  });

  it("compares an answer with its sources, for whoever has a key", async () => {
    vi.stubEnv("RAG_API_KEYS", `acme:${hash("k1")}`);
    const { support } = labApi({ dataDir: await storeOf("acme") });
    const citation = { index: 1, document_id: "of acme", chunk_id: "none", title: "", text: "Bees dance." };
    const answer = { answer: "Bees dance [1].", citations: [{ ...citation, score: 1 }] };
    expect((await support(answer)).status).toBe(401);
    const supported = await support(answer, { authorization: "Bearer k1" });
    expect(supported).toMatchObject({ status: 200, body: { score: 1, sentences: [{ label: "grounded" }] } });
    const many = { ...answer, citations: Array(51).fill(citation) };
    expect(await support(many, { authorization: "Bearer k1" })).toMatchObject({
      ...{ status: 400, body: { errors: [{ path: "/citations" }] } },
    });
  });

  it("searches in a process that starts with the first question and ends when it is idle", async () => {
    const { ask } = labApi({ dataDir: folderOf({}), idleMs: 50 });
    expect(processes()).toEqual([]);
    const answers = await Promise.all([ask({ question: "one" }), ask({ question: "two" })]);
    expect(answers.map(({ body }) => body.question)).toEqual(["one", "two"]);
    await expect.poll(processes).toEqual([]);
  });

  it("starts another process after one that ended, and says that it did", async () => {
    const { ask } = labApi({ dataDir: folderOf({}) });
    const asking = ask({ question: "one" });
    await expect.poll(processes).toHaveLength(1);
    process.kill(processes()[0] ?? 0, "SIGKILL");
    expect(await asking).toMatchObject({
      status: 503,
      body: { detail: "The process that searches ended (SIGKILL): try again." },
    });
    expect((await ask({ question: "two" })).body.question).toBe("two");
  });

  it("says why it cannot search", async () => {
    const file = join(folderOf({ file: "" }), "file");
    expect(await labApi({ dataDir: file }).ask({ question: "one" })).toMatchObject({ status: 500 });
    vi.stubEnv("RAG_API_KEYS", "nonsense");
    const { ask } = labApi({ dataDir: folderOf({}) });
    expect(await ask({ question: "one" })).toMatchObject({
      status: 503,
      body: { detail: expect.stringMatching(/^The process that searches cannot start: [\s\S]*RAG_API_KEYS/) },
    });
  });

  it("gives up a search that takes too long, and one too many", async () => {
    const { ask } = labApi({ dataDir: folderOf({}), timeoutMs: 20 });
    expect(await ask({ question: "one" })).toMatchObject({
      status: 503,
      body: { detail: expect.stringContaining("took over 0.02 s") },
    });
    const busy = labApi({ dataDir: folderOf({}) });
    const asked = Array.from({ length: 8 }, (_, at) => busy.ask({ question: `${at}` }));
    expect(await busy.ask({ question: "last" })).toMatchObject({
      status: 503,
      body: { detail: "8 requests are running already: wait for one." },
    });
    busy.lab.close();
    expect(new Set((await Promise.all(asked)).map(({ status }) => status))).toEqual(new Set([503]));
  });
});
