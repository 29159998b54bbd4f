import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { ask } from "./_ask.ts";
import { problemsOf } from "./_axe.ts";
import { openConsole } from "./_console-page.ts";
import { sendSpans } from "./_otlp.ts";
import { openShared } from "./_running.ts";

const running = openShared();

/** Each state of the console, in an order in which one leads to the next. */
const STATES: readonly [state: string, show: (page: Page) => Promise<unknown>][] = [
  ["Ask, before the first question", (page) => page.goto(`${running.dev.url}/#/ask`)],
  [
    "Ask, with an opened source and the waterfall",
    async (page) => {
      const { turn } = await ask(page, "How do I turn telemetry off?");
      await turn.locator(".answer").getByRole("button", { name: "Source 1" }).first().click();
      await turn.locator("details.request-trace summary, summary", { hasText: "Where the time went" }).click();
      await page.locator("main.ask [role=treeitem]").first().waitFor();
    },
  ],
  [
    "Ask, with the support of an answer",
    async (page) => {
      const { turn } = await ask(page, "What does a query cost?");
      await turn.getByText("Support by the sources").click();
      await turn.locator(".support .measure").first().waitFor();
    },
  ],
  ["Ask, not in the documents", (page) => ask(page, "Who won the football match yesterday?")],
  ["Traces", (page) => show(page, "#/traces", "main.traces tbody tr")],
  ["Traces, chosen to compare", (page) => page.locator("main.traces tbody input[type=checkbox]").first().check()],
  ["Traces, none that matches", (page) => show(page, "#/traces?id=ffffffffff", "main.traces .empty")],
  [
    "a trace",
    async (page) => {
      await show(page, "#/traces", "main.traces tbody tr");
      await page.locator("main.traces tbody a").first().click();
      await page.locator("main.traces [role=treeitem]").first().click();
    },
  ],
  ["a trace that is missing", (page) => show(page, `#/traces/${"0".repeat(31)}1`, "main.traces .empty")],
  [
    "two traces compared",
    async (page) => {
      const startMs = Date.now();
      const send = (durationMs: number) => sendSpans(running.dev.otlpUrl, [{ name: "GET /a", startMs, durationMs }]);
      const [[first], [second]] = [await send(100), await send(200)];
      await page.goto(`${running.dev.url}/#/traces/${second}?with=${first}`);
      await page.locator("main.traces").getByText("GET /a").filter({ visible: true }).first().waitFor();
    },
  ],
  ["Metrics", (page) => show(page, "#/metrics", "main.metrics .numbers")],
  [
    "Metrics, a graph as a table",
    (page) => page.locator("main.metrics summary", { hasText: "Show as table" }).first().click(),
  ],
  ["Documents", (page) => show(page, "#/documents", ".library tbody tr")],
  [
    "Documents, with files stored and failed",
    async (page) => {
      const file = (name: string) => ({ name, mimeType: "text/plain", buffer: Buffer.from(`# ${name}\n\nA text.\n`) });
      await page.locator("button:enabled", { hasText: "Choose files" }).waitFor();
      await page.getByLabel("Files", { exact: true }).setInputFiles([file("a.md"), file("b.pdf")]);
      await page.locator(".upload.failed").waitFor();
      await page.locator(".upload.stored").waitFor();
    },
  ],
  [
    "Documents, one deleted",
    async (page) => {
      await page.getByRole("button", { name: "Delete a.md", exact: true }).click();
      await page.getByRole("button", { name: "Undo: keep a.md" }).waitFor();
    },
  ],
  ["a document", (page) => show(page, "#/documents/docs%2FAPI.md", "ol.chunks li")],
  ["a document that is missing", (page) => show(page, "#/documents/none", "main.documents [role=alert]")],
  ["Search lab, before the first question", (page) => page.goto(`${running.dev.url}/#/lab`)],
  ["Search lab", (page) => show(page, "#/lab?q=What%20is%20a%20chunk%3F", "main.lab .column li:visible")],
];

async function show(page: Page, address: string, visible: string): Promise<void> {
  await page.goto(`${running.dev.url}/${address}`);
  await page.locator(visible).first().waitFor();
}

it.each([1280, 360])(
  "has no violation of accessibility that axe finds, light and dark, and does not scroll sideways at %i pixels",
  {
    timeout: 300_000,
  },
  async (width) => {
    const page = await openConsole(running.browser, running.dev.url, "#/ask", { width, expected: /404/ });
    await page.locator(".state.ready").waitFor();
    const found: Record<string, string[]> = {};
    for (const [state, show] of STATES) {
      await show(page);
      const problems = await problemsOf(page);
      if (problems.length > 0) found[state] = problems;
    }
    expect(found).toEqual({});
  },
);
