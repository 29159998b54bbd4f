import type * as z from "zod/mini";
import { Unexpected } from "./client.ts";

/** Validates against a schema of the API. @throws Unexpected naming the invalid fields */
export function matches<Schema extends z.ZodMiniType>(schema: Schema, value: unknown, what: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => `${path.join(".") || "the body"}: ${message}`);
  const advice = "Are the deployment and this checkout of the same version?";
  throw new Unexpected(`${what} as the API describes it`, issues.slice(0, 3).join(", "), advice);
}
