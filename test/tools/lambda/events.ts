/** An API Gateway HTTP API event, payload format 2.0. */
export function httpEvent(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): object {
  const [rawPath = "", rawQueryString = ""] = path.split("?");
  const now = Date.now();
  return {
    version: "2.0",
    routeKey: `${method} ${rawPath}`,
    rawPath,
    rawQueryString,
    headers: { "content-type": "application/json", host: "api.example", "user-agent": "harness", ...headers },
    isBase64Encoded: false,
    requestContext: {
      accountId: "123456789012",
      apiId: "api",
      domainName: "api.example",
      domainPrefix: "api",
      http: { method, path: rawPath, protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "harness" },
      requestId: crypto.randomUUID(),
      routeKey: `${method} ${rawPath}`,
      stage: "$default",
      time: new Date(now).toUTCString(),
      timeEpoch: now,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  };
}

export const DOCUMENTS = [
  { id: "bees", title: "Bees", text: "Bees tell each other where flowers are by a waggle dance." },
  { id: "ants", title: "Ants", text: "Ants mark the way to food with scent, which fades unless others follow it." },
  { id: "owls", title: "Owls", text: "Owls hear where a mouse is, since one ear sits higher than the other." },
];

/** Its embedding is in the cache of the {@link file://./seed.ts seeded} store. */
export const QUESTION = "How do bees tell each other where flowers are?";

export const queryEvent = (more: { stream?: boolean } = {}) =>
  httpEvent("POST", "/query", { question: QUESTION, ...more });

export const embedEvent = () => httpEvent("POST", "/embed", { documents: DOCUMENTS });
