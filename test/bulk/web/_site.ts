import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface Page {
  status?: number;
  headers?: Record<string, string | string[]>;
  body?: string | Uint8Array;
}

/** What a site sends, by path with query; a function handles the request itself, or returns a page. */
export type Pages = Record<
  string,
  string | Page | ((request: IncomingMessage, response: ServerResponse) => Page | undefined)
>;

export interface Site {
  /** Scheme, host and port. */
  url: string;
  pages: Pages;
  /** Path and time, in milliseconds, of each request. */
  requests: { path: string; at: number; headers: IncomingMessage["headers"] }[];
  /** Paths of the requests but for robots.txt. */
  paths(): string[];
}

/** A site on a free port of loopback; closed after the test. What it does not have is a 404. */
export async function startSite(pages: Pages = {}): Promise<Site> {
  const site: Site = {
    ...{ url: "", pages, requests: [] },
    paths: () => site.requests.map(({ path }) => path).filter((path) => path !== "/robots.txt"),
  };
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    site.requests.push({ path, at: performance.now(), headers: request.headers });
    const known = site.pages[path];
    const page = typeof known === "function" ? known(request, response) : known;
    if (typeof known === "function" && page === undefined) return;
    const {
      status = 200,
      headers = {},
      body = "",
    } = typeof page === "string" ? { body: page } : (page ?? { status: 404 });
    response.writeHead(status, { "content-type": "text/html", ...headers }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  site.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return site;
}

/** A page with a heading, a text of its own, and links. */
export function pageOf(title: string, links: readonly string[] = [], head = ""): string {
  const anchors = links.map((href, index) => `<p>See the text <a href="${href}">number ${index}</a> for more.</p>`);
  return `<html><head>${head}</head><body><main><h1>${title}</h1><p>About ${title}.</p>${anchors.join("")}</main></body></html>`;
}
