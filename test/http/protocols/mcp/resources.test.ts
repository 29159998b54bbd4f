import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fromUri, toUri } from "#http/protocols/mcp/uri.ts";
import { CursorError, RagError } from "#rag/errors.ts";
import type { DocumentRequest, ListRequest, StoredDocument } from "#rag/ports.ts";
import { mcpWorld } from "./_mcp.ts";

const LEAVE = { id: "handbook/leave.md", title: "Leave", topicIds: [7] };
const chunk = (position: number, text: string, heading = "") => ({ id: `c${position}`, position, text, heading });
const documentOf = (...content: StoredDocument["content"]): StoredDocument => ({
  ...{ ...LEAVE, metadata: {}, chunks: content.length, content },
});

test("documents are listed page by page, each with a URI that names any id", async () => {
  const requests: ListRequest[] = [];
  const { rpc } = mcpWorld({
    store: {
      get: async () => undefined,
      async list(request) {
        requests.push(request);
        return { documents: [{ ...LEAVE, chunks: 1 }], ...(request.cursor === undefined && { next: "after leave" }) };
      },
    },
  });
  const first = (await rpc("resources/list")).result;
  expect(first.resources).toEqual([
    { ...{ uri: "rag://documents/handbook%2Fleave.md", name: LEAVE.id, title: "Leave", mimeType: "text/markdown" } },
  ]);
  const second = (await rpc("resources/list", { cursor: first.nextCursor })).result;
  expect(second.nextCursor).toBeUndefined();
  expect(requests).toEqual([{ limit: 100 }, { limit: 100, cursor: "after leave" }]);
});

test("a cursor of nobody is an error of the parameters, and counts as invalid", async () => {
  const list = async () => {
    throw new CursorError();
  };
  const { rpc, seen } = mcpWorld({ store: { list, get: async () => undefined } });
  const { error } = await rpc("resources/list", { cursor: "made-up" });
  expect(error).toMatchObject({ code: -32602, message: expect.stringContaining("nextCursor"), data: { status: 400 } });
  expect(seen).toMatchObject([{ status: 200, stage: "validation" }]);
});

test("the URI template says how to read a document", async () => {
  const { resourceTemplates } = (await mcpWorld().rpc("resources/templates/list")).result;
  expect(resourceTemplates).toMatchObject([{ uriTemplate: "rag://documents/{document_id}{?from}" }]);
});

test("a document is its chunks, in which its headings are", async () => {
  const requests: [string, DocumentRequest][] = [];
  const document = documentOf(
    chunk(0, "Everyone has leave."),
    chunk(1, "## Days\n\n30 days.", "Leave > Days"),
    chunk(2, "Unused days expire.", "Leave > Days"),
  );
  const { rpc } = mcpWorld({
    store: {
      list: async () => ({ documents: [] }),
      async get(id, request) {
        requests.push([id, request]);
        return document;
      },
    },
  });
  const uri = toUri(LEAVE.id);
  expect((await rpc("resources/read", { uri })).result.contents).toEqual([
    {
      ...{ uri, mimeType: "text/markdown" },
      text: "Everyone has leave.\n\n## Days\n\n30 days.\n\nUnused days expire.",
    },
  ]);
  expect(requests).toEqual([[LEAVE.id, { limit: 500 }]]);
});

test("what does not fit a response has a URI of its own", async () => {
  const content = Array.from({ length: 500 }, (_, position) => chunk(position, '"'.repeat(10_000)));
  const { rpc } = mcpWorld({
    store: {
      list: async () => ({ documents: [] }),
      get: async (_, { from = 0 }) => ({ ...documentOf(...content.slice(from)), chunks: 500 }),
    },
  });
  let [uri, parts, chunks] = [toUri(LEAVE.id), 0, 0];
  for (let rest: string | undefined = uri; rest !== undefined; parts += 1) {
    uri = rest;
    const { contents } = (await rpc("resources/read", { uri })).result;
    expect(Buffer.byteLength(JSON.stringify(JSON.stringify(contents)))).toBeLessThan(6 * 1024 * 1024);
    chunks += contents[0].text.split("\n\n").length;
    rest = contents[1]?.uri;
  }
  expect([parts, chunks]).toEqual([5, 500]);
  expect(fromUri(uri)?.from).toBe(496);
});

test("a document that is not there, or not for this key, is not found; what is no document neither", async () => {
  const sha256 = createHash("sha256").update("key-7").digest("hex");
  const requests: unknown[] = [];
  const { rpc } = mcpWorld(
    {
      store: {
        async list(request, call) {
          requests.push([request.filter, call?.tenant]);
          return { documents: [] };
        },
        async get(_, request, call) {
          requests.push([request.filter, call?.tenant]);
          return undefined;
        },
      },
    },
    { keys: [{ tenant: "acme", sha256, topicIds: [7] }], corsOrigins: [] },
  );
  const authorization = "Bearer key-7";
  for (const uri of [
    toUri("other"),
    "rag://documents/",
    "rag://documents/%ff",
    "file:///etc/passwd",
    `${toUri("a")}?from=x`,
  ])
    expect((await rpc("resources/read", { uri }, { authorization })).error).toEqual({
      ...{ code: -32602, message: `Resource not found: ${uri}`, data: { uri } },
    });
  await rpc("resources/list", {}, { authorization });
  expect(requests).toEqual([
    [{ topicIds: [7] }, "acme"],
    [{ topicIds: [7] }, "acme"],
  ]);
});

test("when the store is down, the error says what other routes say", async () => {
  const error = new RagError("vector_search", "listing at http://10.0.0.1");
  const down = async (): Promise<never> => {
    throw error;
  };
  const { rpc, failures } = mcpWorld({ store: { list: down, get: down } });
  for (const response of [await rpc("resources/list"), await rpc("resources/read", { uri: toUri("a") })]) {
    expect(response.error).toMatchObject({ code: -32603, message: "The document store is unavailable." });
    expect(response.error?.data).toMatchObject({ status: 503, stage: "vector_search" });
    expect(JSON.stringify(response)).not.toContain("10.0.0.1");
  }
  expect(failures).toEqual([error, error]);
});

test("every id has a URI, which gives it back", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 1 }), fc.nat(1e9 - 1), (id, from) => {
      fc.pre(id.isWellFormed());
      expect(fromUri(toUri(id, from))).toEqual({ documentId: id, ...(from > 0 && { from }) });
      expect(URL.canParse(toUri(id, from))).toBe(true);
    }),
  );
});
