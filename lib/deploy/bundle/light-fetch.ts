/**
 * Replaces the globals of these names in a bundle (lib/deploy/bundle/bundle.ts), so that a function need not load Node's
 * own, which come with all of its `fetch` (docs/decisions/0020). What the functions and their packages use is implemented
 * here as in the Fetch standard; everything else falls back to Node's classes, which are then loaded: it works, slower.
 * test/deploy/bundle/light-fetch.test.ts compares both.
 */
import { hasInstance } from "./light-instance.ts";
import { Request } from "./light-request.ts";

export { Headers } from "./light-headers.ts";
export { Response } from "./light-response.ts";
export { Request };

/** Node's own; clients only check whether a body is a form, which does not load it. */
export class FormData {
  constructor() {
    // biome-ignore lint/correctness/noConstructorReturn: every form is one of Node's.
    return new globalThis.FormData();
  }

  static readonly [Symbol.hasInstance] = hasInstance("FormData");
}

/** Node's own, which knows no other requests than its own. */
export async function fetch(input: string | URL | Request, init?: RequestInit): Promise<globalThis.Response> {
  return globalThis.fetch(Request.isLight(input) ? input.toNode() : input, init);
}
