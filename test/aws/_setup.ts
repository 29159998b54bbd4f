import { virtualEnvironment } from "../support/python/environment.ts";

/** Before the test files, which run side by side and would install at the same time. */
export function setup(): void {
  virtualEnvironment("ministack");
  virtualEnvironment("linters");
}
