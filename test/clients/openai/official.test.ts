import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningApp, startApp } from "../../peers/_app.ts";
import { missingPython } from "../../support/python/environment.ts";
import { type Client, nodeClient, pythonClient } from "./_client.ts";

const KEY = "erag_openai-clients";
const missing = missingPython();
if (missing) console.error(`OPENAI'S PYTHON CLIENT IS NOT TESTED: ${missing}`);

let app: RunningApp;
beforeAll(async () => {
  app = await startApp({ RAG_API_KEYS: `acme:${createHash("sha256").update(KEY).digest("hex")}` });
});
afterAll(() => app?.stop());

const CLIENTS = [
  { name: "OpenAI's client for Node", load: () => nodeClient("openai-node.mjs"), missing: undefined },
  { name: "OpenAI's client for Python", load: () => pythonClient("openai_python.py"), missing },
];

describe.each(CLIENTS)("$name", ({ load, missing }) => {
  describe.skipIf(missing)(missing ? "(NOT TESTED: no Python)" : "", () => {
    let client: Client;
    beforeAll(() => {
      client = load();
    });

    it("throws its authentication error for a wrong key", async () => {
      const request = { model: "edge-rag", messages: [{ role: "user", content: "How do bees dance?" }] };
      const target = { baseUrl: `${app.url}/v1`, key: "erag_wrong" };
      for (const kind of ["chat", "stream"] as const)
        expect(await client(target, { do: kind, request })).toMatchObject({
          error: { name: "AuthenticationError", status: 401 },
        });
    });
  });
});
