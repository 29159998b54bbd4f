import type { IncomingMessage, ServerResponse } from "node:http";
import type { Asset } from "./page.ts";
import { sendProblem } from "./problem.ts";

/** Script and style of this server only, nothing of a document or a trace; scripts cannot turn text into HTML. */
const PAGE_HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

/** Responds with a file of the page, or with 304 to a browser that has it. */
export function sendAsset(request: IncomingMessage, response: ServerResponse, asset: Asset): void {
  const { method, headers } = request;
  if (method !== "GET" && method !== "HEAD") {
    sendProblem(response, 405, `The console's page is read with GET, not ${method}.`, { allow: "GET, HEAD" });
    return;
  }
  const isGzipped = /\bgzip\b/.test(String(headers["accept-encoding"] ?? ""));
  const body = isGzipped ? asset.gzipped : asset.body;
  // Weak: the same for both encodings.
  const etag = `W/${asset.etag}`;
  const shared = {
    ...PAGE_HEADERS,
    etag,
    "cache-control": asset.immutable ? "public, max-age=31536000, immutable" : "no-cache",
    vary: "accept-encoding",
  };
  if (headers["if-none-match"]?.includes(asset.etag)) {
    response.writeHead(304, shared).end();
    return;
  }
  response.writeHead(200, {
    ...shared,
    "content-type": asset.type,
    "content-length": body.length,
    ...(isGzipped && { "content-encoding": "gzip" }),
  });
  response.end(method === "HEAD" ? undefined : body);
}
