import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, it, onTestFinished } from "vitest";
import { runIngest } from "#bulk/run.ts";
import { invoke } from "../functions/_lambda.ts";
import { folderOf } from "./_folder.ts";
import { pdfOf } from "./_pdf.ts";

const KEY = "erag_alice";

/** The functions as they are deployed, with keys and the embedded parts, on a free port. */
async function startFunctions(): Promise<string> {
  const sha256 = createHash("sha256").update(KEY).digest("hex");
  Object.assign(process.env, { RAG_DATA_DIR: folderOf({}), OTEL_ENABLED: "false", RAG_API_KEYS: `alice:${sha256}` });
  const [embed, query, health] = await Promise.all([
    import("../../functions/embed.ts"),
    import("../../functions/query.ts"),
    import("../../functions/health.ts"),
  ]);
  const server = createServer((request, response) => {
    void (async () => {
      const { method = "", url = "", headers } = request;
      const { handler } = url.startsWith("/embed") ? embed : url === "/query" ? query : health;
      const body = await text(request);
      const reply = await invoke(handler, method, url, body || undefined, headers as Record<string, string>);
      response.writeHead(reply.status, reply.headers).end(JSON.stringify(reply.body));
    })();
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it("files of every kind can be queried under their topic, with a valid key only, until they are gone and pruned", async () => {
  const url = await startFunctions();
  const cwd = folderOf({
    "bees.md": "# Bees\n\nBees tell each other where flowers are by a waggle dance.",
    "sea/whales.html":
      "<title>Sea</title><nav>Home</nav><main><h1>Whales</h1><p>Whales sing songs that travel far.</main>",
    "ants.pdf": pdfOf(["Ants mark the way to food with scent."], { title: "Ants" }),
  });
  const lines: string[] = [];
  const never = new AbortController().signal;
  const dataDir = folderOf({});
  const ingest = (key: string, ...options: string[]) =>
    runIngest([".", "--url", url, "--topic", "7", "--key", key, ...options], {
      ...{ env: { INIT_CWD: cwd, RAG_DATA_DIR: dataDir }, stop: never, abort: never },
      write: (line) => void lines.push(...line.split("\n")),
    });
  expect(await ingest("erag_mallory")).toBe(1);
  expect(lines.splice(0)).toContainEqual(expect.stringMatching(/^stopped: HTTP 401: Unknown API key\./));
  expect(await ingest(KEY)).toBe(0);
  expect(await ingest(KEY)).toBe(0);
  const leftOut = "sea/whales.html: left out 4 characters: navigation";
  expect(lines).toEqual(["3 created, 0 failed.", leftOut, "3 unchanged, 0 failed.", leftOut]);

  for (const [question, id, title] of [
    ["Where are flowers?", "bees.md", "Bees"],
    ["What do whales sing?", "sea/whales.html", "Whales"],
    ["How do ants mark the way to food?", "ants.pdf", "Ants"],
  ]) {
    const response = await fetch(`${url}/query`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${KEY}` },
      body: JSON.stringify({ question, topic_ids: [7] }),
    });
    expect(await response.json()).toMatchObject({ citations: [{ document_id: id, title }, {}, {}] });
  }

  rmSync(join(cwd, "bees.md"));
  expect(await ingest(KEY, "--prune", "--yes")).toBe(0);
  expect(lines).toContain("  bees.md (Bees)");
  const list = await fetch(`${url}/embed?topic=7`, { headers: { authorization: `Bearer ${KEY}` } });
  expect(await list.json()).toMatchObject({
    documents: [
      { id: "ants.pdf", title: "Ants", topic_ids: [7], chunks: 1 },
      { id: "sea/whales.html", title: "Whales", topic_ids: [7], chunks: 1 },
    ],
  });
});
