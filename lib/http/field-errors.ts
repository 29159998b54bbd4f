import type * as z from "zod/mini";
import { shortened } from "#rag/shortened.ts";
import { type FieldError, RequestError } from "./problem.ts";

/** More would not help anyone, and a small body can have a hundred thousand. */
const MAX_ERRORS = 20;
const MAX_PATHS_IN_DETAIL = 5;
/** In characters; a key may have millions. */
const MAX_PATH_LENGTH = 200;
const MAX_MESSAGE_LENGTH = 300;

/** Collects the first invalid fields of a value, and counts all. */
export class FieldErrors {
  readonly #errors: FieldError[] = [];
  #count = 0;

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** @param path where the value stands in the body */
  add({ issues }: z.core.$ZodError, path: readonly PropertyKey[] = []): void {
    for (const issue of issues) {
      if (issue.code === "unrecognized_keys") {
        for (const key of issue.keys) this.addOne([...path, ...issue.path, key], "unknown field");
      } else {
        this.addOne([...path, ...issue.path], issue.message);
      }
    }
  }

  addOne(path: readonly PropertyKey[], message: string): void {
    this.#count += 1;
    if (this.#errors.length >= MAX_ERRORS) return;
    this.#errors.push({
      path: shortened(pointer(path), MAX_PATH_LENGTH),
      message: shortened(message, MAX_MESSAGE_LENGTH),
    });
  }

  toRequestError(what: string): RequestError {
    const errors = this.#errors;
    const total = this.#count;
    const isCut = total > errors.length;
    const paths = new Set(errors.slice(0, MAX_PATHS_IN_DETAIL).map(({ path }) => path || "/"));
    const counted = isCut ? ` ${total} errors, of which the first ${errors.length} are listed;` : "";
    const detail = `The ${what} failed validation:${counted} see ${[...paths].join(", ")}.`;
    return new RequestError(400, detail, { errors, ...(isCut && { errorsTotal: total }) });
  }
}

/** RFC 6901. */
function pointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${escaped(String(part).slice(0, MAX_PATH_LENGTH))}`).join("");
}

function escaped(part: string): string {
  return part.replaceAll("~", "~0").replaceAll("/", "~1");
}
