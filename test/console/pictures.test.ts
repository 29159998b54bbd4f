import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ask } from "./_ask.ts";
import { launchChromium } from "./_chromium.ts";
import { openConsole } from "./_console-page.ts";
import { type Dev, startReadyDev } from "./_dev.ts";

/** With CONSOLE_PICTURES=1 the pictures of the docs are taken again, after some minutes of questions. */
const isKept = process.env.CONSOLE_PICTURES === "1";
const IMAGES = join(import.meta.dirname, "../../docs/images");
const MINUTES_OF_QUESTIONS = 3;
const MAX_BYTES = 200_000;
const QUESTION = "How do I turn telemetry off?";
const QUESTIONS = [
  ...["What does a query cost?", "How do I delete a document?", "What happens when the reranker is down?"],
  ...["What is a chunk?", "How long are traces kept?", "Which Node version do I need?", "Who won the match?"],
];

let dev: Dev;
let browser: Browser;
let folder: string;
beforeAll(
  async () => {
    folder = isKept ? IMAGES : mkdtempSync(join(tmpdir(), "edge-rag-pictures-"));
    mkdirSync(folder, { recursive: true });
    [dev, browser] = await Promise.all([startReadyDev(), launchChromium()]);
    await askAround(isKept ? MINUTES_OF_QUESTIONS * 60_000 : 0);
  },
  (MINUTES_OF_QUESTIONS + 3) * 60_000,
);
afterAll(async () => {
  await browser.close();
  await dev.stop();
  if (!isKept) rmSync(folder, { recursive: true, force: true });
});

/** Requests as people send them, a failed one among them: what Traces and Metrics show. */
async function askAround(ms: number): Promise<void> {
  const post = (path: string, body: object) =>
    fetch(dev.url + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const end = Date.now() + ms;
  let sent = 0;
  do {
    for (const question of QUESTIONS) await post("/query", { question, top_k: 3 + (sent % 4) });
    await post("/search", { question: QUESTIONS[sent % QUESTIONS.length] });
    if (sent % 3 === 0) await post("/query", { question: "" });
    sent += 1;
    await new Promise((resolve) => setTimeout(resolve, Math.min(4_000, Math.max(0, end - Date.now()))));
  } while (Date.now() < end);
}

it.each<[name: string, address: string, prepare: (page: Page) => Promise<void>]>([
  [
    "ask",
    "#/ask",
    async (page) => {
      const { turn } = await ask(page, QUESTION);
      await turn.locator(".answer").getByRole("button", { name: "Source 1" }).first().click();
      await turn.locator(".passage mark").first().waitFor();
      await turn.getByText("Where the time went").click();
      await page.locator("main.ask [role=treeitem]").nth(5).waitFor();
      // From the question to the waterfall.
      await page.setViewportSize({ width: 1000, height: 1540 });
      await page.evaluate(() => scrollTo(0, 0));
    },
  ],
  ["traces", "#/traces", async (page) => void (await page.locator("main.traces tbody tr").nth(8).waitFor())],
  [
    "trace",
    "#/traces?route=/query",
    async (page) => {
      const answered = page.locator("main.traces tbody tr", { hasText: "200" });
      await answered.nth(1).getByRole("link").click();
      await page.locator("main.traces [role=treeitem]", { hasText: "rag.rerank" }).click();
    },
  ],
  ["metrics", "#/metrics?minutes=5", async (page) => void (await page.locator("main.metrics .graph").nth(3).waitFor())],
  ["documents", "#/documents", async (page) => void (await page.locator(".library tbody tr").nth(5).waitFor())],
  [
    "lab",
    `#/lab?q=${encodeURIComponent(QUESTION)}`,
    async (page) => {
      const card = page.locator("main.lab .column.reranked li").first();
      await card.waitFor();
      await card.hover();
    },
  ],
])("takes a picture of %s", { timeout: 90_000 }, async (name, address, prepare) => {
  const page = await openConsole(browser, dev.url, address);
  await page.locator(".state.ready").waitFor();
  await prepare(page);
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.waitForTimeout(500);
  const path = join(folder, `console-${name}.png`);
  await page.screenshot({ path, animations: "disabled" });
  expect(statSync(path).size).toBeLessThan(MAX_BYTES);
});
