import { describe, expect, it } from "vitest";
import { createIngest, type IngestPorts } from "#rag/ingest.ts";
import type { DocumentRecord, EmbeddedChunk } from "#rag/ports.ts";

function ports() {
  const stored = new Map<string, { record: DocumentRecord; chunks: readonly EmbeddedChunk[] }>();
  const embedded: string[] = [];
  const all: IngestPorts = {
    chunker: {
      settings: "lines",
      chunk: (text) => text.split("\n").map((line) => ({ text: line, heading: "H" })),
    },
    embedder: {
      provider: "p",
      model: "e",
      dimensions: 1,
      async embed(texts) {
        if (texts.some((text) => text.includes("unembeddable"))) throw new Error("refused");
        embedded.push(...texts);
        return { vectors: texts.map(() => new Float32Array([1])), cacheHits: 0, tokens: texts.length };
      },
    },
    store: {
      system: "s",
      collection: "c",
      async versions(ids) {
        const known = ids.flatMap((id) => {
          const found = stored.get(id);
          return found ? [[id, { version: found.record.version, chunks: found.chunks.length }] as const] : [];
        });
        return new Map(known);
      },
      async replace(record, chunks) {
        stored.set(record.id, { record, chunks });
      },
      remove: async () => undefined,
      list: async () => ({ documents: [] }),
      get: async () => undefined,
      search: async () => [],
      ping: async () => {},
    },
  };
  return { all, stored, embedded };
}

describe("createIngest", () => {
  it("embeds each chunk under its document's title and heading", async () => {
    const { all, embedded } = ports();
    const result = await createIngest(all)([{ id: "a", title: "Title", text: "one\ntwo" }]);
    expect(result).toEqual({ documents: [{ id: "a", status: "created", chunks: 2 }], usage: { tokens: 2 } });
    expect(embedded).toEqual(["Title\nH\none", "Title\nH\ntwo"]);
  });

  it("stores titles and texts without invisible characters", async () => {
    const { all, stored, embedded } = ports();
    const ingest = createIngest(all);
    await ingest([{ id: "a", title: "Kranken\u00ADhaus", text: "dish\u00ADwasher" }]);
    expect(stored.get("a")?.record.title).toBe("Krankenhaus");
    expect(embedded).toEqual(["Krankenhaus\nH\ndishwasher"]);
    const again = await ingest([{ id: "a", title: "Kranken\u00ADhaus", text: "dish\u00ADwasher" }]);
    expect(again.documents[0]?.status).toBe("unchanged");
  });

  it("reads the line ends of every system", async () => {
    const { all, stored } = ports();
    await createIngest(all)([{ id: "a", text: "one\rtwo\r\nthree\u2028four" }]);
    expect(stored.get("a")?.chunks.map(({ text }) => text)).toEqual(["one", "two", "three", "four"]);
  });

  it("skips an unchanged document and embeds nothing", async () => {
    const { all, embedded } = ports();
    const ingest = createIngest(all);
    await ingest([{ id: "a", text: "one", metadata: { k: 1 } }]);
    embedded.length = 0;
    const again = await ingest([{ id: "a", text: "one", metadata: { k: 1 } }]);
    expect(again.documents).toEqual([{ id: "a", status: "unchanged", chunks: 1 }]);
    expect(embedded).toEqual([]);
  });

  it.each([
    ["text", { text: "two" }],
    ["title", { title: "T" }],
    ["url", { url: "https://e.org" }],
    ["topics", { topicIds: [1] }],
    ["metadata", { metadata: { k: 2 } }],
  ])("updates a document whose %s changed", async (_what, change) => {
    const { all } = ports();
    const ingest = createIngest(all);
    await ingest([{ id: "a", text: "one" }]);
    expect((await ingest([{ id: "a", text: "one", ...change }])).documents[0]?.status).toBe("updated");
  });

  it("updates a document when the chunking or the model changed", async () => {
    const { all } = ports();
    await createIngest(all)([{ id: "a", text: "one" }]);
    const rechunked = createIngest({ ...all, chunker: { ...all.chunker, settings: "other" } });
    expect((await rechunked([{ id: "a", text: "one" }])).documents[0]?.status).toBe("updated");
    const remodelled = createIngest({ ...all, embedder: { ...all.embedder, model: "other" } });
    expect((await remodelled([{ id: "a", text: "one" }])).documents[0]?.status).toBe("updated");
  });

  it("derives a chunk's UUID from document id, position and text", async () => {
    const { all, stored } = ports();
    const ingest = createIngest(all);
    await ingest([
      { id: "a", text: "one\none" },
      { id: "b", text: "one" },
    ]);
    const ids = [...stored.values()].flatMap(({ chunks }) => chunks.map(({ id }) => id));
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    await ingest([{ id: "a", text: "one\none", title: "new" }]);
    expect(stored.get("a")?.chunks.map(({ id }) => id)).toEqual(ids.slice(0, 2));
  });

  it("stores the other documents when one fails, and returns its error", async () => {
    const { all, stored } = ports();
    const result = await createIngest(all)([
      { id: "bad", text: "unembeddable" },
      { id: "good", text: "one" },
    ]);
    expect(result.documents).toEqual([
      { id: "bad", status: "failed", chunks: 0, error: expect.objectContaining({ stage: "embedding" }) },
      { id: "good", status: "created", chunks: 1 },
    ]);
    expect([...stored.keys()]).toEqual(["good"]);
  });

  it("rejects when the stored versions cannot be read", async () => {
    const { all } = ports();
    const store = { ...all.store, versions: () => Promise.reject(new Error("down")) };
    await expect(createIngest({ ...all, store })([{ id: "a", text: "one" }])).rejects.toMatchObject({
      stage: "upsert",
    });
  });

  it("stops before the next document when its signal is aborted, and keeps what is stored", async () => {
    const { all, stored } = ports();
    const stop = new AbortController();
    const onDone = () => stop.abort(new Error("time is up"));
    const documents = [
      { id: "a", text: "one" },
      { id: "b", text: "two" },
    ];
    await expect(createIngest(all)(documents, { onDone, signal: stop.signal })).rejects.toThrow("time is up");
    expect([...stored.keys()]).toEqual(["a"]);
  });

  it("calls onDone with each document", async () => {
    const { all } = ports();
    const done: string[] = [];
    await createIngest(all)(
      [
        { id: "a", text: "one" },
        { id: "b", text: "two" },
      ],
      { onDone: ({ id }) => done.push(id) },
    );
    expect(done).toEqual(["a", "b"]);
  });
});

describe("a document that is too large", () => {
  it("fails with the reason, and the others are stored", async () => {
    const { all, embedded } = ports();
    const text = Array(400).fill("line").join("\n");
    const metadata = Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`k${index}`, "v".repeat(1_000)]));
    const { documents } = await createIngest(all)([
      { id: "large", text, metadata },
      { id: "small", text: "one" },
    ]);
    expect(documents).toMatchObject([
      { id: "large", status: "failed", chunks: 0, error: { name: "TooLargeError", stage: "chunk" } },
      { id: "small", status: "created", chunks: 1 },
    ]);
    expect(documents[0]?.error?.message).toBe(
      "The document's chunks, with the title, headings and metadata that each repeats, have more than 20,000,000 " +
        "characters. Split it, or shorten these.",
    );
    expect(embedded).toEqual(["small\nH\none"]);
  });

  it("is chunked in turns, so that others are served meanwhile, until the caller goes away", async () => {
    const { all } = ports();
    const caller = new AbortController();
    let chunks = 0;
    const chunker = {
      settings: "slow",
      *chunk() {
        for (;;) {
          const until = performance.now() + 5;
          while (performance.now() < until);
          chunks += 1;
          yield { text: "t", heading: "" };
        }
      },
    };
    setTimeout(() => caller.abort(new Error("gone")));
    const result = createIngest({ ...all, chunker })([{ id: "a", text: "t" }], { signal: caller.signal });
    await expect(result).rejects.toThrow("gone");
    expect(chunks).toBeGreaterThan(0);
  });

  it("repeats a long title in each chunk only up to 250 characters", async () => {
    const { all, embedded } = ports();
    await createIngest(all)([{ id: "a", title: "t".repeat(1_000), text: "one" }]);
    expect(embedded).toEqual([`${"t".repeat(249)}…\nH\none`]);
  });
});
