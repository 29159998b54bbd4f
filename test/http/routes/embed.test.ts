import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addEmbedRoutes } from "#http/routes/embed.ts";
import { RagError } from "#rag/errors.ts";
import type { IngestDocuments, NewDocument } from "#rag/ingest.ts";
import { post, send, TRACE, testApp } from "../_app.ts";

function embedApp(ingest?: IngestDocuments) {
  const received: NewDocument[] = [];
  const removed: string[] = [];
  const { app, ...rest } = testApp();
  addEmbedRoutes(
    app,
    ingest ??
      (async (documents) => {
        received.push(...documents);
        return { documents: documents.map(({ id }) => ({ id, status: "created", chunks: 1 })), usage: { tokens: 7 } };
      }),
    {
      async remove(id) {
        removed.push(id);
        return id === "absent" ? undefined : 2;
      },
    },
  );
  return { app, received, removed, ...rest };
}

describe("POST /embed", () => {
  it("ingests the documents and returns the status of each", async () => {
    const { app, received } = embedApp();
    const document = { id: "a/b", text: "T", title: "A", url: "https://e.org/", topic_ids: [1], metadata: { k: true } };
    const response = await post(app, "/embed", { documents: [document, { id: "c", text: "U" }] });
    expect(await response.json()).toEqual({
      documents: [
        { id: "a/b", status: "created", chunks: 1 },
        { id: "c", status: "created", chunks: 1 },
      ],
      usage: { prompt_tokens: 7 },
      trace_id: TRACE.traceId,
    });
    expect(received).toEqual([
      { id: "a/b", text: "T", title: "A", url: "https://e.org/", topicIds: [1], metadata: { k: true } },
      { id: "c", text: "U" },
    ]);
  });

  it("returns a public error for a failed document, without the internal message", async () => {
    const error = new RagError("embedding", "SECRET");
    const { app } = embedApp(async () => ({
      documents: [{ id: "a", status: "failed", chunks: 0, error }],
      usage: { tokens: 0 },
    }));
    const response = await post(app, "/embed", { documents: [{ id: "a", text: "T" }] });
    expect(await response.json()).toMatchObject({
      documents: [{ id: "a", status: "failed", chunks: 0, error: "The embedding model is unavailable." }],
    });
  });

  it.each<[string, unknown[], string, RegExp]>([
    ["no documents", [], "/documents", />=1/],
    ["a blank text", [{ id: "a", text: " \n" }], "/documents/0/text", /must not be blank/],
    [
      "the same id twice",
      [
        { id: "a", text: "1" },
        { id: "a", text: "2" },
      ],
      "/documents/1/id",
      /duplicate id, already used by documents\[0\]/,
    ],
    ["an id of dots", [{ id: "a/../b", text: "1" }], "/documents/0/id", /path segments/],
    ["an id of dots after a line separator", [{ id: "\u2028/../b", text: "1" }], "/documents/0/id", /path segments/],
    ["an id with a control character", [{ id: "a\nb", text: "1" }], "/documents/0/id", /control characters/],
    ["a script as url", [{ id: "a", text: "1", url: "javascript:alert(1)" }], "/documents/0/url", /http or https/],
    [
      "nested metadata",
      [{ id: "a", text: "1", metadata: { k: { x: 1 } } }],
      "/documents/0/metadata/k",
      /a string, a number/,
    ],
    ["an unknown field", [{ id: "a", text: "1", body: "" }], "/documents/0/body", /unknown field/],
  ])("returns 400 for %s", async (_name, documents, path, message) => {
    const response = await post(embedApp().app, "/embed", { documents });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      errors: expect.arrayContaining([{ path, message: expect.stringMatching(message) }]),
    });
  });
});

describe("DELETE /embed/{document_id}", () => {
  it("removes a document and returns the number of its chunks", async () => {
    const { app, removed, routes } = embedApp();
    const response = await send(app, "/embed/docs/a.md", { method: "DELETE" });
    expect(await response.json()).toEqual({ id: "docs/a.md", status: "deleted", chunks: 2, trace_id: TRACE.traceId });
    expect(removed).toEqual(["docs/a.md"]);
    expect(routes).toEqual(["/embed/{document_id}"]);
  });

  it("returns 404 for an unknown document", async () => {
    const response = await send(embedApp().app, "/embed/absent", { method: "DELETE" });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ status: 404, detail: 'There is no document "absent".' });
  });

  it("removes every document that POST /embed accepts, by its percent-encoded id", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }), async (id) => {
        const { app, removed } = embedApp();
        const accepted = (await post(app, "/embed", { documents: [{ id, text: "T" }] })).status === 200;
        fc.pre(accepted);
        const response = await send(app, `/embed/${encodeURIComponent(id)}`, { method: "DELETE" });
        expect([200, 404]).toContain(response.status);
        expect(removed).toEqual([id]);
      }),
      {
        numRuns: 1000,
        examples: [
          ["100%"],
          ["a%2Fb"],
          ["/a"],
          ["a//b"],
          ["a/"],
          ["a?b#c"],
          ["a+b"],
          ["日本 ü"],
          ["\u2028"],
          [":id"],
          ["*"],
        ],
      },
    );
  });
});
