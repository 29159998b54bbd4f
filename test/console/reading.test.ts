import { createHash } from "node:crypto";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { startOpenAIServer } from "../support/openai-server.ts";
import { ask } from "./_ask.ts";
import { launchChromium } from "./_chromium.ts";
import { openConsole } from "./_console-page.ts";
import { type Dev, startDev, startReadyDev } from "./_dev.ts";

const KEY = "erag_key-of-alice";

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

async function until(dev: Promise<Dev>): Promise<Dev> {
  const started = await dev;
  onTestFinished(() => started.stop());
  return started;
}

it("shows how far the sample corpus is read, and takes no question until it is", { timeout: 180_000 }, async () => {
  const openai = await startOpenAIServer();
  onTestFinished(() => openai.close());
  openai.failAlways("embeddings", { kind: "slow", ms: 2_000 });
  const settings = { OPENAI_EMBEDDING_BASE_URL: openai.url, OPENAI_EMBEDDING_API_KEY: "test" };
  const dev = await until(startDev(settings));
  await expect
    .poll(
      () =>
        fetch(dev.url).then(
          ({ status }) => status,
          () => 0,
        ),
      { timeout: 30_000 },
    )
    .toBe(200);
  const page = await openConsole(browser, dev.url, "#/ask", { expected: /503|CONNECTION/ });
  const bar = page.getByRole("progressbar", { name: "Documents of the sample corpus" });
  await bar.waitFor();
  const field = page.getByRole("textbox", { name: "Question" });
  expect(await field.isDisabled()).toBe(true);
  const seen = new Set<string | null>();
  while (await bar.isVisible()) {
    seen.add(await bar.getAttribute("value", { timeout: 500 }).catch(() => null));
    if (seen.size > 3) openai.failAlways("embeddings", undefined);
    await page.waitForTimeout(100);
  }
  expect(seen.size).toBeGreaterThan(3);
  await expect.poll(() => field.isEnabled()).toBe(true);
  await page.locator(".state.ready").waitFor();
});

it("asks for the API key once where requests need one", { timeout: 180_000 }, async () => {
  const hash = createHash("sha256").update(KEY).digest("hex");
  const dev = await until(startReadyDev({ RAG_API_KEYS: `alice:${hash}` }));
  const page = await openConsole(browser, dev.url, "#/ask", { expected: /401/ });
  await page.getByLabel("API key").fill("erag_wrong");
  await page.keyboard.press("Enter");
  const wrong = await ask(page, "What is a chunk?");
  expect(await wrong.turn.locator("[role=alert]").innerText()).toMatch(/key/i);
  await page.evaluate(() => sessionStorage.clear());
  await page.reload();
  await page.getByLabel("API key").fill(KEY);
  await page.keyboard.press("Enter");
  const { done } = await ask(page, "How do I turn telemetry off?");
  expect(done?.answered).toBe(true);
  await page.locator('nav a[href="#/documents"]').click();
  await page.locator(".library tbody tr").first().waitFor();
  expect(await page.evaluate(() => document.cookie + JSON.stringify(localStorage))).not.toContain(KEY);
});

it("says that npm run dev has stopped", async () => {
  const dev = await startReadyDev();
  const page = await openConsole(browser, dev.url, "#/ask", { expected: /CONNECTION|Failed to load/ });
  await page.locator(".state.ready").waitFor();
  await dev.stop();
  await page.locator(".state.failed").waitFor();
  expect(await page.getByRole("textbox", { name: "Question" }).isDisabled()).toBe(true);
});
