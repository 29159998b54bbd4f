import { execFileSync } from "node:child_process";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import type { Trace } from "#console/contract.ts";
import { duration } from "#console/page/shell/format.ts";
import { ask, untilDone } from "./_ask.ts";
import { openConsole } from "./_console-page.ts";
import { evaluationsOf } from "./_evaluation.ts";
import { openShared } from "./_running.ts";

const QUESTION = "How do I turn telemetry off?";
const TOLERANCE_MS = 5;
const STAGES = {
  total: "rag.query",
  embedding: "rag.embedding",
  vector_search: "rag.vector_search",
  rerank: "rag.rerank",
  llm_generation: "rag.llm_generation",
} as const;

const running = openShared();

it("answers with footnotes that open the passage, whose quoted sentence is marked", async () => {
  const page = await openConsole(running.browser, running.dev.url, "#/ask");
  const { turn, done } = await ask(page, QUESTION);
  expect(done?.answered).toBe(true);
  expect(await turn.locator(".answer").innerText()).toContain("OTEL_ENABLED=false");
  const footnote = turn.locator(".answer").getByRole("button", { name: "Source 1" }).first();
  await footnote.click();
  const passage = turn.locator(".passage").first();
  const marked = (await passage.locator("mark").allInnerTexts()).join("");
  expect(marked).toContain("OTEL_ENABLED=false");
  const unmarked = (await passage.innerText()).length - marked.length;
  expect(unmarked).toBeGreaterThan(0);
  await passage.getByRole("link", { name: "The whole document" }).click();
  await page.locator("main.documents h1:visible").waitFor();
  expect(await page.locator("main.documents article").innerText()).toContain("docs/OBSERVABILITY.md");
});

it("draws the trace of that very request, with the durations of the response", async () => {
  const page = await openConsole(running.browser, running.dev.url, "#/ask");
  const { turn, done } = await ask(page, "What is a chunk?");
  const timings: Partial<Record<string, number>> = done?.timings_ms ?? {};
  await turn.getByText("Where the time went").click();
  const drawn = await drawnDurations(page, "main.ask");
  const { tree } = (await (await fetch(`${running.dev.url}/console/api/traces/${done?.trace_id}`)).json()) as Trace;
  for (const { name, duration_ms } of tree) expect(drawn[name], name).toBe(duration(duration_ms));
  const differences = Object.entries(STAGES).map(([stage, span]) => {
    const ms = tree.find(({ name }) => name === span)?.duration_ms ?? Number.NaN;
    return [span, Math.abs(ms - (timings[stage] ?? Number.NaN))] as const;
  });
  const greatest = Math.max(...differences.map(([, ms]) => ms));
  console.log(`Durations of the waterfall differ by at most ${greatest.toFixed(2)} ms from timings_ms.`);
  expect(greatest, JSON.stringify(differences)).toBeLessThan(TOLERANCE_MS);

  await page.goto(`${running.dev.url}/#/traces/${done?.trace_id}`);
  expect(await drawnDurations(page, "main.traces")).toEqual(drawn);
});

it.each([QUESTION, "How do I delete a document?"])(
  "shows the groundedness that the trace has: %s",
  async (question) => {
    const page = await openConsole(running.browser, running.dev.url, "#/ask");
    const { turn, done } = await ask(page, question);
    await turn.getByText("Support by the sources").click();
    const shown = turn.locator(".support .summary strong");
    await shown.waitFor();
    const [evaluation] = await evaluationsOf(running.dev.url, done?.trace_id);
    expect(await shown.innerText()).toBe(Number(evaluation?.["gen_ai.evaluation.score.value"]).toFixed(2));
    const scores = (await turn.locator(".support .measure .number").allInnerTexts()).map(Number);
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    expect(Math.abs(mean - Number(await shown.innerText()))).toBeLessThanOrEqual(0.01);
  },
);

it("moves the metrics by exactly one query", async () => {
  // The longest window, which no query of another file leaves meanwhile.
  const page = await openConsole(running.browser, running.dev.url, "#/metrics?minutes=60");
  const value = page.locator('[data-metric="queries"] .value');
  const before = Number(await value.innerText()) || 0;
  await page.locator('nav a[href="#/ask"]').click();
  await ask(page, "What does a query cost?");
  await page.locator('nav a[href="#/metrics"]').click();
  await expect.poll(async () => Number(await value.innerText()), { timeout: 15_000 }).toBe(before + 1);
  await page.waitForTimeout(2_000);
  expect(Number(await value.innerText())).toBe(before + 1);
});

it("takes a rating of an answer, once, and says so to those who cannot see it", async () => {
  const page = await openConsole(running.browser, running.dev.url, "#/ask");
  const { turn } = await ask(page, "What is a citation?");
  const down = turn.getByRole("button", { name: "It did not help" });
  const posted = page.waitForResponse((response) => response.url().endsWith("/feedback"));
  await down.click();
  const rated = await posted;
  expect(rated.status()).toBe(200);
  await expect.poll(() => turn.getByRole("status").innerText()).toBe("Thank you.");
  expect([await down.isDisabled(), await down.getAttribute("aria-pressed")]).toEqual([true, "true"]);
  expect(await turn.getByRole("button", { name: "It helped" }).isDisabled()).toBe(true);
  const again = await page.request.post(`${running.dev.url}/feedback`, { data: rated.request().postDataJSON() });
  expect(again.status()).toBe(409);
});

it("understands a follow-up by the question before it", async () => {
  const page = await openConsole(running.browser, running.dev.url, "#/ask");
  await ask(page, QUESTION);
  const { turn, done } = await ask(page, "And only the traces?");
  expect(done?.rewritten_question).toMatch(/telemetry/i);
  expect(await turn.innerText()).toContain(`Understood as: ${done?.rewritten_question}`);
  await page.getByRole("button", { name: "New conversation" }).click();
  expect(await page.locator("main.ask article.turn").count()).toBe(0);
});

it("says that the documents do not answer, and what came nearest", async () => {
  const page = await openConsole(running.browser, running.dev.url, "#/ask");
  const { turn, done } = await ask(page, "Who won the football match yesterday?");
  expect(done?.answered).toBe(false);
  expect(await turn.locator(".answer").innerText()).toContain("Not in the documents");
  expect(await turn.getByText("Support by the sources").count()).toBe(0);
  expect(await evaluationsOf(running.dev.url, done?.trace_id)).toEqual([]);
  await page.goto(`${running.dev.url}/#/traces/${done?.trace_id}`);
  await page.locator("main.traces [role=tree]").waitFor();
});

it("gives the request as a command that works in a terminal", async () => {
  const page = await openConsole(running.browser, running.dev.url, "#/ask");
  const { turn } = await ask(page, "What's a chunk?");
  await turn.getByRole("button", { name: "Copy as curl" }).click();
  const command = await page.evaluate(() => navigator.clipboard.readText());
  const output = execFileSync("bash", ["-c", command], { encoding: "utf8", stdio: "pipe" });
  expect(output).toContain('"answer":');
});

it("is used with the keyboard alone", async () => {
  const page = await openConsole(running.browser, running.dev.url, "#/ask");
  const press = (...keys: string[]) =>
    keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
  const focused = () =>
    page.evaluate(
      () => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent ?? "",
    );
  const tabTo = async (name: RegExp) => {
    for (let presses = 0; presses < 60; presses++) {
      if (name.test(await focused())) return;
      await press("Tab");
    }
    throw new Error(`Tab does not reach ${name}`);
  };
  await expect.poll(focused).toBe("Question");
  await page.keyboard.type(QUESTION);
  await press("Enter");
  const turn = page.locator("main.ask article.turn").last();
  await untilDone(turn);

  // The footnotes come before the field.
  await page.evaluate(() => document.querySelector<HTMLElement>(".brand")?.focus());
  await tabTo(/^Source 1$/);
  await press("Enter");
  await turn.locator(".passage mark").first().waitFor();
  await expect.poll(focused).toMatch(/Observability/);
  await press("Enter");
  await expect.poll(() => turn.locator(".passage").count()).toBe(0);

  await page.evaluate(() => document.querySelector<HTMLElement>(".brand")?.focus());
  await tabTo(/^Traces$/);
  await press("Enter");
  await page.locator("main.traces table a:visible").first().waitFor();
  await tabTo(/^POST \/query/);
  await press("Enter");
  await page.locator("main.traces [role=tree]").waitFor();
  await page.evaluate(() => document.querySelector<HTMLElement>(".brand")?.focus());
  await tabTo(/^Spans of/);
  await press("ArrowDown", "ArrowDown", "Enter");
  expect(await page.locator("main.traces [aria-selected=true]").count()).toBe(1);
});

/** The duration of each span as it is drawn, by its name. */
async function drawnDurations(page: Page, view: string): Promise<Record<string, string>> {
  const rows = page.locator(`${view} [role=treeitem]`);
  await rows.filter({ hasText: "rag.llm_generation" }).waitFor();
  return Object.fromEntries(
    await rows.evaluateAll((elements) =>
      elements.map((row): [string, string] => [
        row.querySelector(".name")?.firstChild?.textContent ?? "",
        row.querySelector(".duration")?.textContent ?? "",
      ]),
    ),
  );
}
