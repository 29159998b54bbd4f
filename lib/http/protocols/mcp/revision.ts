import * as z from "zod/mini";
import { isRequest, type Message } from "./message.ts";
import { INVALID_PARAMS, RpcError } from "./rpc-error.ts";

/** The revision of the protocol in which each request says what its client can do: nothing is remembered of a client. */
export const LATEST = "2026-07-28";
/** Revisions that begin with `initialize`, the newest first. */
export const EARLIER: readonly string[] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", "2024-10-07"];

/** What the names of the protocol in `_meta` begin with. */
const PREFIX = "io.modelcontextprotocol/";
export const SERVER_INFO = `${PREFIX}serverInfo`;
const VERSION = `${PREFIX}protocolVersion`;

const claim = z.looseObject({ [VERSION]: z.string() });
const clientInfo = z.looseObject({ name: z.string(), version: z.string() });
const envelope = z.looseObject({
  [VERSION]: z.string(),
  [`${PREFIX}clientCapabilities`]: z.looseObject({}),
  [`${PREFIX}clientInfo`]: z.optional(clientInfo),
});

export const UNSUPPORTED_VERSION = -32022;
export const HEADER_MISMATCH = -32020;
/** The transport's own code, as the protocol's SDK sends it. */
export const UNSUPPORTED_HEADER = -32000;

/** The value of a header of the request. */
export type HeaderOf = (name: string) => string | undefined;

/** Whether a message says in its `_meta` which revision it is of, which only those of the latest do. */
export function isClaiming({ params }: Message): boolean {
  return params?._meta !== undefined && VERSION in params._meta;
}

/**
 * Whether a message is of the latest revision. The message decides; headers, for whoever reads only these, must agree with
 * it (https://modelcontextprotocol.io/specification/2026-07-28/basic/transports).
 *
 * @throws RpcError for a revision that is not supported, and for headers that are missing or say something else
 */
export function isOfLatest(message: Message, header: HeaderOf): boolean {
  const named = header("mcp-protocol-version");
  const isNamed = named !== undefined && named >= LATEST;
  const asks = isRequest(message);
  if (message.method === "initialize" && asks && !isValidClaim(message)) {
    if (isNamed) throw mismatch(`The header MCP-Protocol-Version is ${named}, which has no initialize.`);
    return false;
  }
  const isClaimed = isClaiming(message);
  if (!isClaimed && !isNamed) {
    requireEarlier(header);
    return false;
  }
  const version = isClaimed || asks ? claimedVersion(message) : named;
  if (named !== undefined && named !== version) {
    throw mismatch(`The header MCP-Protocol-Version is ${named}, the message is of ${version}.`);
  }
  const method = header("mcp-method");
  if (method !== undefined && method !== message.method) {
    throw mismatch(`The header Mcp-Method is ${method}, the message calls ${message.method}.`);
  }
  if (version !== LATEST) {
    const data = { supported: [LATEST], requested: version };
    throw new RpcError(UNSUPPORTED_VERSION, `Unsupported protocol version: ${version}`, { data, status: 400 });
  }
  if (asks) requireHeaders(message, header);
  return true;
}

/** @throws RpcError when the header names a revision that does not begin with `initialize` */
export function requireEarlier(header: HeaderOf): void {
  const named = header("mcp-protocol-version");
  if (named === undefined || EARLIER.includes(named)) return;
  const message = `Unsupported protocol version: ${named} (supported versions: ${EARLIER.join(", ")})`;
  throw new RpcError(UNSUPPORTED_HEADER, message, { status: 400 });
}

function isValidClaim({ params }: Message): boolean {
  const claimed = envelope.safeParse(params?._meta);
  return claimed.success && claimed.data[VERSION] >= LATEST;
}

/** The revision that a message names; requests also have to say what their client can do. */
function claimedVersion(message: Message): string {
  const claimed = (isRequest(message) ? envelope : claim).safeParse(message.params?._meta ?? {});
  if (claimed.success) return claimed.data[VERSION];
  const [issue] = claimed.error.issues;
  const [key, problem] = [issue?.path.join("."), issue?.message];
  throw new RpcError(INVALID_PARAMS, `The parameters need in _meta what ${LATEST} demands: ${key}: ${problem}`, {
    ...{ data: { envelope: { key, problem } }, status: 400 },
  });
}

/** What the header Mcp-Name repeats, by method. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ["tools/call", "name"],
  ["prompts/get", "name"],
  ["resources/read", "uri"],
]);

function requireHeaders({ method, params }: Message, header: HeaderOf): void {
  for (const name of ["MCP-Protocol-Version", "Mcp-Method"]) {
    if (header(name) === undefined) throw mismatch(`The header ${name} is missing.`);
  }
  const field = NAMES.get(method);
  const name = field === undefined ? undefined : params?.[field];
  if (typeof name !== "string") return;
  const named = header("mcp-name");
  if (named === undefined) throw mismatch("The header Mcp-Name is missing.");
  if (decoded(named) !== name) throw mismatch(`The header Mcp-Name is ${named}, the message has ${name}.`);
}

/** A value that is no ASCII comes in Base64. */
function decoded(value: string): string {
  const [, base64] = /^=\?base64\?([A-Za-z\d+/]*={0,2})\?=$/.exec(value) ?? [];
  return base64 === undefined ? value : Buffer.from(base64, "base64").toString();
}

function mismatch(message: string): RpcError {
  return new RpcError(HEADER_MISMATCH, message, { status: 400 });
}
