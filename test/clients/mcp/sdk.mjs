/**
 * `node sdk.mjs '{"version", "url", "key", "steps"}'`: runs steps with a client of MCP's SDK, version 1 or 2, and prints what each
 * returned or threw. Steps in a list of their own run at once. `cut` disconnects after some milliseconds.
 */
const { version, url, key, steps } = JSON.parse(process.argv[2]);
const { Client, StreamableHTTPClientTransport } =
  version === 1
    ? {
        ...(await import("@modelcontextprotocol/sdk/client/index.js")),
        ...(await import("@modelcontextprotocol/sdk/client/streamableHttp.js")),
      }
    : await import("@modelcontextprotocol/client");

const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
// Version 2 asks first whether the server speaks the protocol of 2026-07-28.
const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode: "auto" } });
const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });

const run = async ({ do: method, params, cut }) => {
  const options = cut === undefined ? [] : [{ signal: AbortSignal.timeout(cut) }];
  const args = method === "callTool" && version === 1 ? [params, undefined, ...options] : [params, ...options];
  try {
    return await client[method](...args);
  } catch ({ name, message, code, data }) {
    return { error: { name, message, code, data } };
  }
};

const results = [];
try {
  await client.connect(transport);
  for (const step of steps) results.push(await (Array.isArray(step) ? Promise.all(step.map(run)) : run(step)));
  const protocol = version === 1 ? transport.protocolVersion : client.getNegotiatedProtocolVersion();
  console.log(JSON.stringify({ protocol, results }));
} catch ({ name, message, code }) {
  console.log(JSON.stringify({ error: { name, message, code } }));
}
await client.close();
