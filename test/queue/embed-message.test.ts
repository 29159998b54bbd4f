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
  /** Processes a message; resolves to its error. */
  const run = (body: unknown, tenant?: string): Promise<MessageError | undefined> =>
    process(
      {
        id: "m",
        system: "aws.sqs",
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
  return { run, received };
}

const DOCUMENT = { id: "a", text: "T\0", topic_ids: [1] };

describe("a message with documents", () => {
  it("is ingested like a request", async () => {
    const { run, received } = processing();
    expect(await run({ documents: [DOCUMENT] })).toBeUndefined();
    expect(received).toEqual([{ documents: [{ id: "a", text: "T\uFFFD", topicIds: [1] }], call: { deadline: 1 } }]);
  });

  it("fails when a document fails, with the number and the stage in its message", async () => {
    const failed = new RagError("embedding", CANARY);
    const { run } = processing([], async (documents) => ({
      documents: documents.map(({ id }) =>
        id === "a" ? { id, status: "failed", chunks: 0, error: failed } : { id, status: "created", chunks: 1 },
      ),
      usage: { tokens: 0 },
    }));
    expect(await run({ documents: [DOCUMENT, { id: "b", text: "U" }] })).toMatchObject({
      message: "1 of 2 documents failed, the first in the stage embedding",
      stage: "embedding",
      cause: failed,
      isPermanent: false,
    });
  });

  it("fails with the error of the pipeline when the store is down", async () => {
    const down = new RagError("upsert", "down");
    const { run } = processing([], () => Promise.reject(down));
    expect(await run({ documents: [DOCUMENT] })).toBe(down);
  });

  it.each<[string, unknown, string, { path: string; message: string }[] | undefined]>([
    ["a body that is not JSON", `{"${CANARY}`, "The body is not valid JSON.", undefined],
    ["an empty body", "", "The body is empty.", undefined],
    [
      "a body over 6 MiB",
      `"${"x".repeat(7_000_000)}"`,
      expect.stringMatching(/^The body has more than 6,291,456 bytes/),
      undefined,
    ],
    [
      "invalid documents",
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
  ])("with %s fails permanently, with a reason that never quotes it", async (_what, body, message, errors) => {
    const { run, received } = processing();
    const error = await run(body);
    expect(error).toMatchObject({ message, isPermanent: true, stage: "validation", code: "invalid_message" });
    expect(error?.errors).toEqual(errors);
    expect(JSON.stringify([error?.message, error?.errors])).not.toContain(CANARY);
    expect(received).toEqual([]);
  });
});

describe("with tenants", () => {
  it("a message's documents belong to the tenant in its attribute", async () => {
    const { run, received } = processing(["alice", "bob"]);
    expect(await run({ documents: [DOCUMENT] }, "bob")).toBeUndefined();
    expect(received[0]?.call).toMatchObject({ tenant: "bob" });
  });

  it.each<[string, string[], string | undefined, RegExp]>([
    ["without a tenant", ["alice"], undefined, /message's tenant is missing/],
    ["with a tenant that has no key", ["alice"], "mallory", /has no key in RAG_API_KEYS/],
    ["with a tenant when there are no tenants", [], "alice", /there are no tenants/],
  ])("a message %s fails permanently", async (_what, tenants, tenant, message) => {
    const { run, received } = processing(tenants);
    expect(await run({ documents: [DOCUMENT] }, tenant)).toMatchObject({
      message: expect.stringMatching(message),
      isPermanent: true,
    });
    expect(received).toEqual([]);
  });
});
