import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { SupportResult } from "#console/contract.ts";
import { type OpenAIServer, startOpenAIServer } from "../support/openai-server.ts";
import { ask, send, untilDone } from "./_ask.ts";
import { problemsOf } from "./_axe.ts";
import { launchChromium } from "./_chromium.ts";
import { openConsole } from "./_console-page.ts";
import { type Dev, startReadyDev } from "./_dev.ts";
import { evaluationsOf } from "./_evaluation.ts";

const QUESTION = "When was the lighthouse of Skarvik built?";
const DOCUMENT = `# Skarvik lighthouse

The lighthouse of Skarvik was built in 1862 by Anna Holm. It is 31 metres tall, and its light reaches 24 kilometres.
A storm damaged the lamp in 1904.

## Visits

The keeper's house has been a museum since 1987. Tours do not run in winter. A ticket costs 12 euros.
`;
const ANSWER = `The lighthouse of Skarvik was built in 1862 by Anna Holm [1]. It is 47 metres tall, and its light reaches 24 kilometres [1]. Tours run in winter [2].

- The keeper's house, designed by **Lars Berg**, has been a museum since 1987.
- Penguins guard the gate at night [1].
- A ticket costs 12 euros [1][2].`;
const REFUSAL = "The documents do not say when the harbour was built.";

let openai: OpenAIServer;
let dev: Dev;
let browser: Browser;
let answer = ANSWER;
beforeAll(async () => {
  openai = await startOpenAIServer({ chat: () => ({ content: answer }), tokenDelayMs: 10 });
  const settings = { OPENAI_CHAT_BASE_URL: openai.url, OPENAI_CHAT_API_KEY: "test" };
  [dev, browser] = await Promise.all([startReadyDev(settings), launchChromium()]);
  const documents = [{ id: "lighthouse.md", title: "Skarvik lighthouse", text: DOCUMENT }];
  const response = await fetch(`${dev.url}/embed`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ documents }),
  });
  expect(await response.json()).toMatchObject({ documents: [{ status: "created", chunks: 2 }] });
});
afterAll(async () => {
  await browser.close();
  await dev.stop();
  await openai.close();
});

const summaryOf = (turn: Locator) => turn.getByText("Support by the sources");

/** Opens the support of an answer; what the page got, and what it shows of each sentence. */
async function openSupport(page: Page, turn: Locator) {
  const responded = page.waitForResponse((response) => response.url().endsWith("/console/api/support"));
  await summaryOf(turn).click();
  const support = (await (await responded).json()) as SupportResult;
  const rows = turn.locator(".support > ol > li");
  await rows.first().waitFor();
  await expect.poll(() => turn.locator(".support mark").count()).toBeGreaterThan(0);
  const texts = await rows.evaluateAll((items) =>
    items.map((item) => ({
      score: item.querySelector(".number")?.textContent,
      share: item.querySelector<HTMLElement>(".share > span")?.style.width,
      label: item.querySelector(".label")?.textContent,
      tags: Array.from(item.querySelectorAll(".tag"), ({ textContent }) => textContent),
      notes: Array.from(item.querySelectorAll("li.muted"), ({ textContent }) => textContent),
      marked: Array.from(item.querySelectorAll("mark"), ({ textContent }) => textContent),
      unsupported: Array.from(item.querySelectorAll("button.unsupported"), ({ textContent }) => textContent),
    })),
  );
  return { support, texts };
}

it("shows how far its sources support each sentence of a streamed answer, as its trace has it", async () => {
  const page = await openConsole(browser, dev.url, "#/ask");
  const { turn, done } = await ask(page, QUESTION);
  const { support, texts } = await openSupport(page, turn);

  expect(texts.map(({ label }) => label)).toEqual([
    ...["Supported", "Partly supported", "Denied by a source", "Not supported", "Not supported", "Supported"],
  ]);
  const [built, height, tours, house, penguins, ticket] = texts;
  expect(built).toMatchObject({ score: "1.00", share: "100%", tags: [], marked: [], unsupported: [] });
  expect(built?.notes).toEqual(["Source 1: 1.00"]);
  expect(height).toMatchObject({ tags: ["In no source: 47 metres"], marked: ["47 metres"] });
  expect(tours?.notes).toEqual([`Source 2: ${tours?.score}`]);
  expect(house).toMatchObject({ tags: ["In no source: Lars Berg"], marked: ["Lars Berg"] });
  expect(house?.notes).toEqual(["No citation of its own", `Source 2, nearest: ${house?.score}`]);
  expect(penguins).toMatchObject({ tags: ["Source 1 does not say it"], unsupported: ["1"] });
  expect(ticket).toMatchObject({ tags: ["Source 1 does not say it"], unsupported: ["1"] });
  expect(ticket?.notes).toEqual(["Source 2, best of those: 1.00"]);

  const [evaluation, ...others] = await evaluationsOf(dev.url, done?.trace_id);
  expect(others).toEqual([]);
  const score = Number(evaluation?.["gen_ai.evaluation.score.value"]);
  expect(support.score).toBeCloseTo(score, 9);
  expect(await turn.locator(".support .summary").innerText()).toBe(
    `${score.toFixed(2)} groundedness, from 0 to 1 · 2 of 6 sentences supported`,
  );
  const tags = texts.flatMap((text) => text.tags);
  const shown = [
    "2 of 6 sentences supported",
    `${texts.filter(({ label }) => label === "Denied by a source").length} denied by a source`,
    `${tags.filter((tag) => tag?.endsWith("does not say it")).length} citations that support nothing`,
    `${tags.filter((tag) => tag?.startsWith("In no source")).length} numbers and names in no source`,
  ];
  expect(evaluation?.["gen_ai.evaluation.explanation"]).toBe(shown.join(", "));
});

it("is read by keyboard, and leads to the sources", async () => {
  const page = await openConsole(browser, dev.url, "#/ask");
  const { turn } = await ask(page, QUESTION);
  await turn.locator(".answer .footnote").last().focus();
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Support by the sources");
  await page.keyboard.press("Enter");
  const source = turn.locator(".support").getByRole("button", { name: "Source 1, which does not support it" }).first();
  await source.waitFor();
  await source.focus();
  await page.keyboard.press("Enter");
  await turn.locator(".sources .passage").first().waitFor();
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toMatch(/Skarvik lighthouse/);
});

it.each([1280, 360])("has no violation of accessibility that axe finds, at %i pixels", async (width) => {
  const page = await openConsole(browser, dev.url, "#/ask", { width });
  const { turn } = await ask(page, QUESTION);
  await openSupport(page, turn);
  expect(await problemsOf(page)).toEqual([]);
});

it("is there once the answer is whole, and not for one that says that the documents do not answer", async () => {
  const page = await openConsole(browser, dev.url, "#/ask");
  const turn = await send(page, QUESTION);
  const early = await turn.evaluate((element) => {
    const seen: string[] = [];
    return new Promise<string[]>((resolve) => {
      const look = () => {
        if (element.getAttribute("aria-busy") === "false") return resolve(seen);
        if (element.querySelector(".support")) seen.push(element.textContent ?? "");
        setTimeout(look);
      };
      look();
    });
  });
  expect(early).toEqual([]);
  await untilDone(turn);
  await summaryOf(turn).waitFor();
  await page.getByRole("button", { name: "New conversation" }).click();

  answer = REFUSAL;
  const refused = await ask(page, "When was the harbour of Skarvik built?");
  answer = ANSWER;
  expect(refused.done?.answered).toBe(false);
  expect(await summaryOf(refused.turn).count()).toBe(0);
  expect(await evaluationsOf(dev.url, refused.done?.trace_id)).toEqual([]);
});

it("says why it cannot be shown", async () => {
  const page = await openConsole(browser, dev.url, "#/ask", { expected: /503/ });
  const { turn } = await ask(page, QUESTION);
  const problem = {
    title: "Service Unavailable",
    status: 503,
    detail: "8 requests are running already: wait for one.",
  };
  await page.route("**/console/api/support", (route) =>
    route.fulfill({ status: 503, contentType: "application/problem+json", body: JSON.stringify(problem) }),
  );
  await summaryOf(turn).click();
  await turn.getByRole("alert").waitFor();
  expect(await turn.getByRole("alert").innerText()).toContain(problem.detail);
});
