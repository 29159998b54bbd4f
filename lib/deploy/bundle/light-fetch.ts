/**
 * What lib/deploy/bundle/bundle.ts puts in the place of the globals of these names, so that a function need not load Node's own,
 * which come with all of its `fetch` (docs/decisions/0020). They do what the functions and their packages use, as the
 * Fetch standard has it; all else throws. test/deploy/bundle/light-fetch.test.ts compares them with Node's.
 */
import { absent } from "./light-body.ts";

export { Headers } from "./light-headers.ts";
export { Request } from "./light-request.ts";
export { Response } from "./light-response.ts";

/** Clients of services ask whether a body is one; none ever is. */
export class FormData {
  constructor() {
    throw new Error(absent("FormData"));
  }
}
