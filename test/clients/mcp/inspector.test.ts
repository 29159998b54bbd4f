import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Run, runProgram } from "./_program.ts";
import { KEY, QUESTION, type Service, startService, TOPIC_KEY, withKeys } from "./_service.ts";

const BEES = "rag://documents/insects%2Fbees.md";

let open: Service;
let keyed: Service;
beforeAll(async () => {
  [open, keyed] = [await startService(), await startService(withKeys())];
});
afterAll(async () => {
  await open?.stop();
  await keyed?.stop();
});

/** Calls one method with the command line of MCP's inspector. */
async function inspect(url: string, method: string, ...args: string[]): Promise<Run> {
  return runProgram("mcp-inspector", ["--cli", url, "--transport", "http", "--method", method, ...args]);
}

async function resultOf(run: Promise<Run>) {
  const { status, stdout, stderr } = await run;
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
}

const cases = [
  { name: "without keys", url: () => open.url, header: [] as string[] },
  { name: "with a key", url: () => keyed.url, header: ["--header", `authorization: Bearer ${KEY}`] },
];

describe.each(cases)("MCP's inspector, $name", ({ url, header }) => {
  it("lists the tools, whose schemas other programs can read", async () => {
    const { tools } = await resultOf(inspect(url(), "tools/list", "--strict", ...header));
    expect(tools.map(({ name }: { name: string }) => name)).toEqual(["search", "ask"]);
  });

  it("calls both tools", async () => {
    const args = ["--tool-arg", `question=${QUESTION}`, "--tool-arg", "top_k=1", ...header];
    const answer = await resultOf(inspect(url(), "tools/call", "--tool-name", "ask", ...args));
    expect(answer.structuredContent).toMatchObject({ answered: true, citations: [{ document_id: "insects/bees.md" }] });
    expect(answer.content[0].text).toContain(`[1] Bees: ${BEES}`);
    const found = await resultOf(inspect(url(), "tools/call", "--tool-name", "search", ...args));
    expect(found.structuredContent.citations).toMatchObject([{ text: expect.stringContaining("waggle dance") }]);
  });

  it("shows what is wrong with an argument", async () => {
    const args = ["--tool-name", "ask", "--tool-arg", "question= ", ...header];
    const { stdout } = await inspect(url(), "tools/call", ...args);
    expect(stdout).toContain("/question: must not be blank");
  });

  it("lists the documents, and reads one", async () => {
    const { resources } = await resultOf(inspect(url(), "resources/list", ...header));
    expect(resources.map(({ uri }: { uri: string }) => uri)).toContain(BEES);
    const { contents } = await resultOf(inspect(url(), "resources/read", "--uri", BEES, ...header));
    expect(contents).toMatchObject([{ uri: BEES, mimeType: "text/markdown", text: expect.stringContaining("dance") }]);
  });
});

describe("MCP's inspector", () => {
  it("sees of the documents those of its key's topics", async () => {
    const header = ["--header", `authorization: Bearer ${TOPIC_KEY}`];
    const { resources } = await resultOf(inspect(keyed.url, "resources/list", ...header));
    expect(resources.map(({ uri }: { uri: string }) => uri)).toEqual([BEES]);
    const ants = await inspect(keyed.url, "resources/read", "--uri", "rag://documents/insects%2Fants.md", ...header);
    expect(ants.status).not.toBe(0);
    expect(ants.stdout + ants.stderr).toContain("Resource not found");
  });

  it("is refused without a key, and with a wrong one", async () => {
    for (const header of [[], ["--header", "authorization: Bearer erag_wrong"]]) {
      const { status, stderr } = await inspect(keyed.url, "tools/list", ...header);
      expect(status).not.toBe(0);
      expect(stderr).toMatch(/auth_required|401/);
    }
  });
});
