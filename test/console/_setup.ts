import { chromiumPath } from "./_chromium.ts";

/** Installs the browser before the first test, or says what is missing. */
export function setup(): void {
  chromiumPath();
}
