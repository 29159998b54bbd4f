/** As `node:http` checks them: other characters in a name or value could smuggle in another header. */
const NAME = /^[\w!#$%&'*+.^`|~-]+$/;
const NO_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * The head of a request without its last, empty line, so that more headers may follow.
 *
 * @param headers later ones win over earlier ones of the same name
 * @throws Error with the code ERR_INVALID_HTTP_TOKEN or ERR_INVALID_CHAR, without the value
 */
export function requestHead(method: string, url: URL, headers: Readonly<Record<string, string>>): string {
  const { host, username, password } = url;
  const credentials = username || password ? basic(username, password) : {};
  const lines = new Map<string, string>();
  for (const [name, value] of Object.entries({ host, ...credentials, ...headers })) {
    if (!NAME.test(name)) throw invalid("ERR_INVALID_HTTP_TOKEN");
    if (NO_VALUE.test(value)) throw invalid("ERR_INVALID_CHAR");
    lines.set(name.toLowerCase(), value);
  }
  const text = [...lines].map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return `${method} ${url.pathname}${url.search} HTTP/1.1\r\n${text}`;
}

/** A whole request. */
export function requestOf(head: string, body?: Uint8Array): Buffer {
  if (!body) return Buffer.from(`${head}\r\n`, "latin1");
  return Buffer.concat([Buffer.from(`${head}content-length: ${body.length}\r\n\r\n`, "latin1"), body]);
}

function basic(username: string, password: string) {
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` };
}

function invalid(code: string): Error {
  return Object.assign(new Error("a header that cannot be sent"), { code });
}
