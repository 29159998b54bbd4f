import type { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { problem } from "#console/server/api.ts";
import { type Lab, LabError } from "./lab.ts";

/** More than any question with a filter has. */
const MAX_BYTES = 256 * 1024;

/** Adds `POST /lab`: the candidates of one question, in each ranking. */
export function addLabRoute(api: Hono, lab: Pick<Lab, "search">): void {
  const limit = bodyLimit({
    maxSize: MAX_BYTES,
    onError: () => problem(413, `The body has more than ${MAX_BYTES.toLocaleString("en")} bytes.`),
  });
  api.post("/lab", limit, async ({ req }) => {
    const authorization = req.header("authorization");
    try {
      const search = { body: await req.text(), ...(authorization && { authorization }) };
      const { status, type, body } = await lab.search(search);
      return new Response(body, { status, headers: { "content-type": type } });
    } catch (error) {
      if (error instanceof LabError) return problem(503, error.message);
      throw error;
    }
  });
}
