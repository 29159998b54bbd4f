import { describe, expect, it } from "vitest";
import { readDocuments } from "#compose/queue.ts";
import type { MessageError } from "#queue/consumer.ts";
import { createEmbedProcessor } from "#queue/embed-message.ts";
import { RagError } from "#rag/errors.ts";
import type { IngestCall, IngestDocuments, NewDocument } from "#rag/ingest.ts";

const CANARY = "canary";

function processing(tenants: string[] = [], ingest?: IngestDocuments) {
  const received: { documents: readonly NewDocument[]; call: IngestCall | undefined }[] = [];
  const store: IngestDocuments = async (documents, call) => {
    received.push({ documents, call });
    return { documents: documents.map(({ id }) => ({ id, status: "created", chunks: 1 })), usage: { tokens: 0 } };
  };
  const process = createEmbedProcessor(ingest ?? store, new Set(tenants), readDocuments);
  const take = (body: unknown, tenant?: string): Promise<MessageError | undefined> =>
    process(
      {
        id: "m",
        queue: "q",
        deliveries: 1,
        body: typeof body === "string" ? body : JSON.stringify(body),
        ...(tenant !== undefined && { tenant }),
      },
      { deadline: 1 },
    ).then(
      () => undefined,
      (error) => error,
    );
  return { take, received };
}

const DOCUMENT = { id: "a", text: "T\0", topic_ids: [1] };

describe("a message with documents", () => {
  it("is ingested like a request", async () => {
    const { take, received } = processing();
    expect(await take({ documents: [DOCUMENT] })).toBeUndefined();
    expect(received).toEqual([{ documents: [{ id: "a", text: "T\uFFFD", topicIds: [1] }], call: { deadline: 1 } }]);
  });

  it("fails when a document does, says how many and in which stage, and keeps the cause to itself", async () => {
    const failed = new RagError("embedding", CANARY);
    const { take } = processing([], async (documents) => ({
      documents: documents.map(({ id }) =>
        id === "a" ? { id, status: "failed", chunks: 0, error: failed } : { id, status: "created", chunks: 1 },
      ),
      usage: { tokens: 0 },
    }));
    expect(await take({ documents: [DOCUMENT, { id: "b", text: "U" }] })).toMatchObject({
      message: "1 of 2 documents failed, the first in the stage embedding",
      stage: "embedding",
      cause: failed,
      isPermanent: false,
    });
  });

  it("passes on that the store is down", async () => {
    const down = new RagError("upsert", "down");
    const { take } = processing([], () => Promise.reject(down));
    expect(await take({ documents: [DOCUMENT] })).toBe(down);
  });

  it.each<[string, unknown, string, { path: string; message: string }[] | undefined]>([
    ["no JSON", `{"${CANARY}`, "The body is not valid JSON.", undefined],
    ["nothing", "", "The body is empty.", undefined],
    ["too much", `"${"x".repeat(7_000_000)}"`, expect.stringMatching(/^The body has 7,000,002 bytes/), undefined],
    [
      "documents that do not fit",
      {
        [CANARY]: 1,
        documents: [
          { id: "a", text: "" },
          { id: "b", text: "B", metadata: { [CANARY]: { canary: 1 } } },
        ],
      },
      "The body failed validation.",
      [
        { path: "/documents/0/text", message: expect.any(String) },
        { path: "/documents/0/text", message: expect.any(String) },
        { path: "/documents/1/metadata/*", message: "must be a string, a number or a boolean" },
        { path: "/*", message: "unknown field" },
      ],
    ],
  ])("with %s can never succeed, for a reason that quotes nothing", async (_what, body, message, errors) => {
    const { take, received } = processing();
    const error = await take(body);
    expect(error).toMatchObject({ message, isPermanent: true, stage: "validation", code: "invalid_message" });
    expect(error?.errors).toEqual(errors);
    expect(JSON.stringify([error?.message, error?.errors])).not.toContain(CANARY);
    expect(received).toEqual([]);
  });
});

describe("where there are tenants", () => {
  it("a message's documents are those of the tenant it names", async () => {
    const { take, received } = processing(["alice", "bob"]);
    expect(await take({ documents: [DOCUMENT] }, "bob")).toBeUndefined();
    expect(received[0]?.call).toMatchObject({ tenant: "bob" });
  });

  it.each<[string, string[], string | undefined, RegExp]>([
    ["that names none", ["alice"], undefined, /needs the message attribute tenant/],
    ["that names one without a key", ["alice"], "mallory", /has no key in RAG_API_KEYS/],
    ["that names one where there are none", [], "alice", /there are none/],
  ])("a message %s can never succeed", async (_what, tenants, tenant, message) => {
    const { take, received } = processing(tenants);
    expect(await take({ documents: [DOCUMENT] }, tenant)).toMatchObject({
      message: expect.stringMatching(message),
      isPermanent: true,
    });
    expect(received).toEqual([]);
  });
});
