import { preparePrograms } from "../../local-stack/native/build.ts";

/** Redis is real in these tests: it is installed where that may be done, and asked for where it may not. */
export default function setup(): void {
  preparePrograms(["redis"]);
}
