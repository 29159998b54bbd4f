import type { Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { problem } from "#console/server/api.ts";
import { type Lab, LabError, type LabRequest } from "./lab.ts";

/** More than any question with a filter has. */
const MAX_BYTES = 256 * 1024;

/**
 * Adds `POST /lab`: the candidates of one question, in each ranking; and `POST /support`: how far the sources of an answer
 * support each of its sentences.
 */
export function addLabRoutes(api: Hono, lab: Pick<Lab, "send">): void {
  const limit = bodyLimit({
    maxSize: MAX_BYTES,
    onError: () => problem(413, `The body has more than ${MAX_BYTES.toLocaleString("en")} bytes.`),
  });
  api.post("/lab", limit, ({ req }) => respond("/lab", req));
  api.post("/support", ({ req }) => respond("/support", req));

  async function respond(path: LabRequest["path"], req: Context["req"]): Promise<Response> {
    const authorization = req.header("authorization");
    try {
      const request = { path, body: await req.text(), ...(authorization && { authorization }) };
      const { status, type, body } = await lab.send(request);
      return new Response(body, { status, headers: { "content-type": type } });
    } catch (error) {
      if (error instanceof LabError) return problem(503, error.message);
      throw error;
    }
  }
}
