import type { Hono } from "hono";
import * as z from "zod/mini";
import { problem } from "#console/server/api.ts";
import { NoTelemetryError, type TraceSource } from "../sources.ts";
import { MAX_LIMIT } from "./list.ts";

const number = z.pipe(z.string().check(z.regex(/^\d{1,15}(?:\.\d{1,9})?$/, "must be a number")), z.transform(Number));
const flag = z.pipe(
  z.enum(["1", "0", "true", "false"], "must be true or false"),
  z.transform((text) => text === "1" || text === "true"),
);
const WHOLE = `must be a whole number from 1 to ${MAX_LIMIT}`;
const limit = z.pipe(
  z.string().check(z.regex(/^\d{1,4}$/, WHOLE)),
  z.pipe(z.transform(Number), z.number().check(z.minimum(1, WHOLE), z.maximum(MAX_LIMIT, WHOLE))),
);

const FILTER = z.strictObject({
  min_ms: z.optional(number),
  failed: z.optional(flag),
  degraded: z.optional(flag),
  route: z.optional(z.string().check(z.maxLength(1_024))),
  id: z.optional(
    z.pipe(
      z.string().check(z.regex(/^[0-9a-f]{1,32}$/i, "must be 1 to 32 hexadecimal digits")),
      z.transform((id) => id.toLowerCase()),
    ),
  ),
  before_ms: z.optional(number),
  limit: z.optional(limit),
});

/** `GET /console/api/traces` and `/console/api/traces/{trace_id}`. */
export function addTraceRoutes(api: Hono, source: TraceSource): void {
  api.get("/traces", async (context) => {
    const filter = FILTER.safeParse(context.req.query());
    if (!filter.success) {
      const [issue] = filter.error.issues;
      if (issue?.code === "unrecognized_keys") return problem(400, `There is no filter ${issue.keys.join(", ")}.`);
      return problem(400, `${issue?.path.join(".")}: ${issue?.message}`);
    }
    return respond(async () => context.json(await source.list(withoutUndefined(filter.data))));
  });

  api.get("/traces/:id", async (context) => {
    const id = context.req.param("id").toLowerCase();
    if (!/^[0-9a-f]{32}$/.test(id)) return problem(400, "A trace id has 32 hexadecimal digits.");
    return respond(async () => {
      const trace = await source.get(id);
      return trace ? context.json(trace) : problem(404, `No span of the trace ${id} was received.`);
    });
  });
}

async function respond(read: () => Promise<Response>): Promise<Response> {
  try {
    return await read();
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return problem(error instanceof NoTelemetryError ? 404 : 502, detail);
  }
}

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

function withoutUndefined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}
