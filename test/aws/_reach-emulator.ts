/**
 * Imported by the commands that tests run: `fetch` reaches what the emulator at AWS_ENDPOINT_URL has deployed by the URLs
 * that it has at AWS.
 */
import { addressOf } from "./_address.ts";

const { fetch } = globalThis;
const { AWS_ENDPOINT_URL: emulator = "" } = process.env;

globalThis.fetch = (input, init) =>
  fetch(
    input instanceof Request ? new Request(addressOf(input.url, emulator), input) : addressOf(String(input), emulator),
    init,
  );
