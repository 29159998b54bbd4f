/**
 * Which requests the console's port takes. A web page of another site could otherwise use what listens on loopback: by a
 * name of its own that resolves to 127.0.0.1 (DNS rebinding), or by requests that need no permission (CSRF).
 */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

/**
 * The host and the path, without query, that a request is for. A client may send the whole URL, whose host then counts
 * (RFC 9112 3.2.2).
 */
export function targetOf({ url = "/", headers }: Pick<IncomingMessage, "url" | "headers">): {
  host: string | undefined;
  path: string;
} {
  const [, host = headers.host, path = ""] = /^(?:https?:\/\/([^/?]*))?([^?]*)/i.exec(url) ?? [];
  return { host, path: path || "/" };
}

/** Docker's name for this machine, in a container; nobody else can make it resolve to loopback. */
const DOCKER_HOST = "host.docker.internal";

/**
 * Whether the Host header names this machine by a loopback name. A client that sends none is no browser.
 *
 * @param isPage whether a browser asks for the console: not from a container
 */
export function isLoopbackName(host: string | undefined, isPage: boolean): boolean {
  if (host === undefined) return !isPage;
  const name = host.replace(/:\d*$/, "").replace(/\.$/, "").toLowerCase();
  if (name === DOCKER_HOST) return !isPage;
  return name === "localhost" || name.endsWith(".localhost") || name === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(name);
}

/** Whether a page of another origin sent the request. Every browser says so for whatever is no plain navigation. */
export function isCrossSite({ origin, host, "sec-fetch-site": site }: IncomingHttpHeaders): boolean {
  if (origin !== undefined) return origin !== `http://${host}`;
  return site !== undefined && site !== "same-origin" && site !== "none";
}

/**
 * Whether a page of another machine sent the request, and its origin is not allowed. serverless-offline lets every page read
 * its responses; programs and pages of this machine are not concerned.
 */
export function isForeignPage(origin: string | undefined, allowed: readonly string[]): boolean {
  if (origin === undefined || allowed.includes("*") || allowed.includes(origin)) return false;
  const [, host] = /^https?:\/\/([^/]+)$/i.exec(origin) ?? [];
  return host === undefined || !isLoopbackName(host, true);
}
