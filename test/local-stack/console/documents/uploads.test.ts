import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { EmbedRequest } from "#http/schemas.ts";
import { endlessPdf } from "../../../bulk/_bad-pdf.ts";
import { folderOf } from "../../../bulk/_folder.ts";
import { problem, startService, TRACE_ID } from "../../../bulk/_service.ts";
import { fileApi, readProcesses } from "./_api.ts";

// Other processes on this machine have files of their own.
beforeEach(() => void vi.stubEnv("TMPDIR", folderOf({})));
afterEach(() => void vi.unstubAllEnvs());

/** Files of uploads that are on disk. */
function filesLeft(): string[] {
  const folders = readdirSync(tmpdir()).filter((name) => name.startsWith("edge-rag-upload-"));
  return folders.flatMap((folder) => readdirSync(join(tmpdir(), folder)));
}

describe("a file that is sent to the console", { timeout: 60_000 }, () => {
  it("is read as npm run ingest reads it and becomes a document, with the caller's key, its id and topics", async () => {
    const sent: { documents: EmbedRequest["documents"]; authorization: string | undefined }[] = [];
    const service = await startService((documents, { authorization }) => {
      sent.push({ documents, authorization });
      return undefined;
    });
    const { send } = fileApi(service);
    const id = 'a folder/"<b>" é 東京 #?%.html';
    const page = "<title>T</title><nav>Home and all the rest</nav><main><h1>Bees</h1><p>They dance.</p></main>";
    const init = { headers: { authorization: "Bearer erag_key" } };
    const query = new URLSearchParams([
      ["id", id],
      ["topic", "1"],
      ["topic", "-2"],
    ]);
    expect((await send(query, page, init)).body).toEqual({
      ...{ id, status: "created", chunks: 1, trace_id: TRACE_ID },
      left_out: ["left out 21 characters: navigation"],
    });
    expect(sent).toEqual([
      {
        authorization: "Bearer erag_key",
        documents: [{ id, title: "Bees", text: "# Bees\n\nThey dance.\n", topic_ids: [1, -2] }],
      },
    ]);
    expect((await send({ id }, page)).body.status).toBe("unchanged");
    expect((await send({ id }, page.replace("dance", "dance again"))).body.status).toBe("updated");
    expect(filesLeft()).toEqual([]);
  });

  it.each([
    ["not a document", { id: "a.exe" }, "x", /^\.exe is not read$/],
    ["without a kind", { id: "Makefile" }, "x", /^a file without an extension is not read$/],
    ["damaged", { id: "a.pdf" }, "%PDF-1.7 no", /^damaged, or not a PDF/],
    ["without text", { id: "a.txt" }, " ", /^no text in it$/],
  ])("says why it is not stored when it is %s", async (_what, query, content, reason) => {
    const service = await startService();
    const { status, body } = await fileApi(service).send(query, content);
    expect({ status, body }).toEqual({
      status: 200,
      body: { id: query.id, status: "failed", reason: expect.stringMatching(reason) },
    });
    expect(service.requests).toEqual([]);
    expect(filesLeft()).toEqual([]);
  });

  it("is given up when reading takes too long, and the next one is read", async () => {
    const { send } = fileApi({ ...(await startService()), limits: { seconds: 2, megabytes: 1024 } });
    const [endless, next] = await Promise.all([
      send({ id: "endless.pdf" }, new Uint8Array(endlessPdf())),
      send({ id: "next.md" }, "# Next"),
    ]);
    expect(endless.body.reason).toBe(
      "reading took over 2 s: split it, or send it with npm run ingest and --read-seconds",
    );
    expect(next.body.status).toBe("created");
  });

  it("is refused when it is too large, whether it says so or not", async () => {
    const { send } = fileApi(await startService());
    const block = new Uint8Array(2 ** 20);
    let blocks = 0;
    const pull = (controller: ReadableStreamDefaultController) => {
      blocks += 1;
      controller.enqueue(block);
    };
    const endless = new ReadableStream({ pull });
    const late = await send({ id: "a.txt" }, endless);
    expect(late).toMatchObject({ status: 413, body: { detail: expect.stringContaining("104,857,600 bytes") } });
    expect(blocks).toBeLessThan(150);
    const announced = await send({ id: "a.txt" }, "x", { headers: { "content-length": "104857601" } });
    expect(announced.status).toBe(413);
    expect(filesLeft()).toEqual([]);
  });

  it("is not stored when the functions refuse it or its key, and the advice is for a person at the console", async () => {
    const service = await startService(() => problem(401, "Unknown API key."));
    const { send } = fileApi(service);
    const unknown = await send({ id: "a.md" }, "# A");
    expect(unknown).toMatchObject({
      status: 401,
      body: { detail: `HTTP 401: Unknown API key. (trace ${TRACE_ID})` },
    });
    service.script = () => problem(413, "Too large.");
    const large = await send({ id: "a.md" }, "# A");
    expect(large.body).toMatchObject({ status: "failed", reason: expect.stringContaining("Too large.") });
    service.script = () => problem(503, "Down.");
    const down = await send({ id: "a.md" }, "# A");
    expect(down.body).toMatchObject({ status: "failed", reason: expect.stringContaining("Gave up after 2 attempts.") });
  });

  it("leaves nothing behind when it is cancelled on its way or while it is read", async () => {
    const service = await startService();
    const { send } = fileApi(service);
    const abort = new AbortController();
    const body = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(10)) });
    const sending = send({ id: "a.md" }, body, { signal: abort.signal });
    await expect.poll(filesLeft).toHaveLength(1);
    abort.abort();
    await sending.catch(() => {});
    await expect.poll(filesLeft).toEqual([]);
    expect(service.requests).toEqual([]);
  });

  it("is read by a process that starts with the first one and ends when it is idle", async () => {
    const { send } = fileApi({ ...(await startService()), idleMs: 50 });
    expect(readProcesses()).toBe(0);
    await Promise.all([send({ id: "a.md" }, "# A"), send({ id: "b.md" }, "# B")]);
    await expect.poll(readProcesses).toBe(0);
    expect((await send({ id: "c.md" }, "# C")).body.status).toBe("created");
  });
});

it.each([
  ["an id", {}, "x", "needs an id"],
  ["topics that are numbers", { id: "a.md", topic: "news" }, "x", "a whole number"],
  ["a body", { id: "a.md" }, undefined, "body is empty"],
])("a request needs %s", async (_what, query, body, detail) => {
  const response = await fileApi(await startService()).send(query, body);
  expect(response).toMatchObject({ status: 400, body: { detail: expect.stringContaining(detail) } });
});

it("the kinds that can be sent have those that the readers know, and what others can be saved as", async () => {
  const response = await fileApi(await startService()).api.request("/files");
  expect(await response.json()).toMatchObject({
    extensions: expect.arrayContaining([".md", ".pdf", ".docx", ".tsv"]),
    max_bytes: 104_857_600,
    save_as: { ".doc": ".docx" },
  });
});
