import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { MetricsView } from "#console/contract.ts";
import { type OpenAIServer, startOpenAIServer } from "../support/openai-server.ts";
import { type RerankServer, startRerankServer } from "../support/rerank-server.ts";
import { ask, send, untilDone } from "./_ask.ts";
import { launchChromium } from "./_chromium.ts";
import { openConsole } from "./_console-page.ts";
import { type Dev, startReadyDev } from "./_dev.ts";

const ANSWER = "Set the variable OTEL_ENABLED to false, and no telemetry is recorded or sent any more [1].";
const WORD_DELAY_MS = 150;

let openai: OpenAIServer;
let reranker: RerankServer;
let dev: Dev;
let browser: Browser;
beforeAll(async () => {
  openai = await startOpenAIServer({ chat: () => ({ content: ANSWER }), tokenDelayMs: WORD_DELAY_MS });
  reranker = await startRerankServer("cohere");
  const settings = {
    OPENAI_CHAT_BASE_URL: openai.url,
    OPENAI_CHAT_API_KEY: "test",
    RERANK_URL: reranker.url,
    RERANK_MODEL: "rerank-v3.5",
  };
  [dev, browser] = await Promise.all([startReadyDev(settings), launchChromium()]);
});
afterAll(async () => {
  await browser.close();
  await dev.stop();
  await openai.close();
  await reranker.close();
});

async function metrics(): Promise<MetricsView> {
  return (await (await fetch(`${dev.url}/console/api/metrics?minutes=5`)).json()) as MetricsView;
}

const hrefs = (page: Page) =>
  page.locator("main.traces tbody a").evaluateAll((all) => all.map((link) => link.getAttribute("href")));

it("shows an answer while it is written, and stops it when asked to", async () => {
  const page = await openConsole(browser, dev.url, "#/ask");
  const turn = await send(page, "How do I turn telemetry off?");
  const seen = new Set<string>();
  while ((await turn.getAttribute("aria-busy")) === "true") {
    const text = (await turn.locator(".answer").innerText()).trim();
    if (text.startsWith("Set")) seen.add(text);
  }
  expect(seen.size).toBeGreaterThan(4);
  expect(await turn.locator(".answer").innerText()).toContain("recorded or sent any more");

  const stopped = await send(page, "How do I turn tracing off?");
  await expect.poll(() => stopped.locator(".answer").innerText()).toMatch(/^Set/);
  await page.keyboard.press("Escape");
  await untilDone(stopped);
  expect(await stopped.innerText()).toContain("Stopped before the end.");
  await expect.poll(() => openai.requests.filter(({ aborted }) => aborted).length).toBe(1);
});

it("names the stage without which a question was answered: in Ask, Traces and Metrics", async () => {
  reranker.failAlways({ kind: "status", status: 500 });
  const page = await openConsole(browser, dev.url, "#/ask");
  const { turn, done } = await ask(page, "What happens without a reranker?");
  reranker.failAlways(undefined);
  expect(done?.degraded).toEqual(["rerank"]);
  expect(await turn.locator(".note.warning").innerText()).toMatch(/^Without reranking\./);

  await page.locator('nav a[href="#/traces"]').click();
  await page.getByLabel("Degraded").check();
  await expect.poll(() => hrefs(page)).toEqual([`#/traces/${done?.trace_id}`]);
  expect(await page.locator("main.traces tbody tr").first().innerText()).toMatch(/rerank/i);

  await expect
    .poll(async () =>
      (await metrics()).graphs.find(({ id }) => id === "degraded_by_stage")?.series.map(({ label }) => label),
    )
    .toEqual(["without rerank"]);
  await page.locator('nav a[href="#/metrics"]').click();
  const graph = page.locator("main.metrics section.graph", { hasText: /degraded|without a stage/i }).first();
  await graph.getByText("without rerank").first().waitFor();
});

it("says why a question failed, with its trace: in Ask, Traces and Metrics", async () => {
  const failures = async () => (await metrics()).numbers.find(({ id }) => id === "error_ratio")?.value ?? 0;
  expect(await failures()).toBe(0);
  openai.failAlways("chat", { kind: "status", status: 401, error: { message: "Incorrect API key provided" } });
  const page = await openConsole(browser, dev.url, "#/ask", { expected: /50[03]/ });
  const { turn, done } = await ask(page, "What does a query cost?");
  openai.failAlways("chat", undefined);
  expect(done).toBeUndefined();
  const note = turn.locator("[role=alert]");
  await note.waitFor();
  expect(await note.innerText()).not.toContain("Incorrect API key");
  await note.getByRole("link", { name: "See the trace" }).click();
  const failed = page.locator("main.traces [role=treeitem].failed");
  await failed.filter({ hasText: "rag.llm_generation" }).waitFor();
  const id = /#\/traces\/(\w+)/.exec(page.url())?.[1];

  await page.goto(`${dev.url}/#/traces?failed=1`);
  await expect.poll(() => hrefs(page)).toContain(`#/traces/${id}`);
  await expect.poll(failures).toBeGreaterThan(0);
  await page.locator('nav a[href="#/metrics"]').click();
  await expect.poll(() => page.locator('[data-metric="error_ratio"] .value').innerText()).toMatch(/^[1-9]/);

  await page.locator('nav a[href="#/ask"]').click();
  await page.getByRole("button", { name: "Ask again" }).click();
  await expect
    .poll(() => page.locator("main.ask article.turn").last().innerText(), { timeout: 30_000 })
    .toContain("any more");
});
