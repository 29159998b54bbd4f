import type { ReadableStream } from "node:stream/web";
import type { Hono } from "hono";
import { MAX_FILE_BYTES } from "#bulk/read-document.ts";
import { EXTENSIONS, SAVE_AS } from "#bulk/readers/readers.ts";
import type { FileKinds } from "#console/contract.ts";
import { problem } from "#console/server/api.ts";
import { FileTooLargeError } from "./receive-file.ts";
import { BusyError } from "./slots.ts";
import { KeyRefusedError, type Uploads } from "./uploads.ts";

/** Adds `POST /files?id=…&topic=…`, whose body is a file to store as a document, and `GET /files`: which can be. */
export function addFileRoutes(api: Hono, uploads: Uploads): void {
  const kinds: FileKinds = { extensions: [...EXTENSIONS], max_bytes: MAX_FILE_BYTES, save_as: SAVE_AS };
  api.get("/files", (context) => context.json(kinds));

  api.post("/files", async ({ req, json }) => {
    const id = req.query("id") ?? "";
    const topicIds = (req.queries("topic") ?? []).map(Number);
    const body = req.raw.body as ReadableStream<Uint8Array> | null;
    if (id === "") return problem(400, "The query string needs an id: the name that the document gets.");
    if (!topicIds.every(Number.isSafeInteger)) return problem(400, "Each topic in the query string is a whole number.");
    if (body === null) return problem(400, "The body is empty: it must be the file's bytes.");
    if (Number(req.header("content-length") ?? 0) > MAX_FILE_BYTES) {
      return problem(413, new FileTooLargeError(MAX_FILE_BYTES).message);
    }
    const apiKey = /^Bearer +(\S+)$/i.exec(req.header("authorization") ?? "")?.[1];
    try {
      return json(await uploads.store({ id, topicIds, body, ...(apiKey && { apiKey }) }, req.raw.signal));
    } catch (error) {
      if (error instanceof FileTooLargeError) return problem(413, error.message);
      if (error instanceof KeyRefusedError) return problem(401, error.message);
      if (error instanceof BusyError) return problem(503, `${error.message}: send this one again later.`);
      throw error;
    }
  });
}
