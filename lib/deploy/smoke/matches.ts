import type * as z from "zod/mini";
import { Unexpected } from "./client.ts";

/** The value as the schema of the HTTP contract has it. @throws Unexpected naming what does not fit */
export function matches<Schema extends z.ZodMiniType>(schema: Schema, value: unknown, what: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const misfits = result.error.issues.map(({ path, message }) => `${path.join(".") || "the whole"}: ${message}`);
  const advice = "Do deployment and this checkout have the same version?";
  throw new Unexpected(`${what} as the API describes it`, misfits.slice(0, 3).join(", "), advice);
}
