import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type OpenAIServer, startOpenAIServer } from "../support/openai-server.ts";
import { ask } from "./_ask.ts";
import { launchChromium } from "./_chromium.ts";
import { openConsole } from "./_console-page.ts";
import { type Dev, startReadyDev } from "./_dev.ts";
import { sendSpans } from "./_otlp.ts";

const ATTACKS = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(2)>",
  "<svg onload=alert(3)>",
  "<iframe src=https://evil.example/></iframe>",
  '"><b onmouseover=alert(4)>bold</b>',
  "<style>body{display:none}</style>",
  "javascript:alert(5)",
];
const ATTACK = ATTACKS.join(" ");
const LINKS =
  "[one](javascript:alert(6)) [two](data:text/html,<script>alert(7)</script>) ![three](https://evil.example/x.png) <https://evil.example>";
const ID = 'hostile/<img src=x onerror="alert(8)">.md';
const QUESTION = "What does the waggle dance of the hostile bees say?";

let openai: OpenAIServer;
let dev: Dev;
let browser: Browser;
beforeAll(async () => {
  openai = await startOpenAIServer({
    chat: () => ({
      content: `The bees say: ${ATTACK} ${LINKS} [1]\n\n<script>alert(9)</script>\n\n| a | b |\n|-|-|\n| ${ATTACKS[1]} | <b>x</b> |`,
    }),
  });
  const settings = { OPENAI_CHAT_BASE_URL: openai.url, OPENAI_CHAT_API_KEY: "test", OPENAI_CHAT_MODEL: "<u>model</u>" };
  [dev, browser] = await Promise.all([startReadyDev(settings), launchChromium()]);
  const document = {
    id: ID,
    title: `Bees ${ATTACK}`,
    text: `# Hostile bees ${ATTACK}\n\nThe waggle dance of the hostile bees says where flowers are. ${ATTACK} ${LINKS}\n\n<details open ontoggle=alert(10)>x</details>\n`,
    metadata: { [`key ${ATTACKS[1]}`]: ATTACK },
  };
  const response = await fetch(`${dev.url}/embed`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ documents: [document] }),
  });
  expect(await response.json()).toMatchObject({ documents: [{ status: "created" }] });
});
afterAll(async () => {
  await browser.close();
  await dev.stop();
  await openai.close();
});

/** What only an attack could have put there. `openConsole` fails on dialogs, requests to other hosts, and errors. */
async function expectText(page: Page, view: string): Promise<void> {
  const main = page.locator(`main.${view}`);
  const elements = "script, img, iframe, style, object, embed, svg[onload], [onmouseover], [onerror], [ontoggle]";
  expect(await main.locator(elements).count()).toBe(0);
  expect(await main.locator('[href^="javascript:" i], [href^="data:" i]').count()).toBe(0);
  expect(await page.evaluate(() => getComputedStyle(document.body).display)).not.toBe("none");
  for (const link of await main.locator('a[href^="http"]').all()) {
    expect(await link.getAttribute("rel")).toBe("noreferrer noopener");
  }
}

it("shows an answer and its source as text", async () => {
  const page = await openConsole(browser, dev.url, "#/ask");
  const { turn } = await ask(page, QUESTION);
  const answer = await turn.locator(".answer").innerText();
  for (const attack of ATTACKS.slice(0, 4)) expect(answer).toContain(attack);
  await turn.locator(".answer").getByRole("button", { name: "Source 1" }).first().click();
  const passage = turn.locator(".passage").first();
  await passage.waitFor();
  expect(await passage.innerText()).toContain(ATTACKS[0]);
  await turn.getByText("Support by the sources").click();
  await turn
    .locator(".support .sentence")
    .getByText(ATTACKS[0] ?? "")
    .first()
    .waitFor();
  await expectText(page, "ask");
  for (const box of await turn.locator(".answer *, .support *, .passage *").all()) await box.dispatchEvent("mouseover");
});

it("shows a document as text", async () => {
  const page = await openConsole(browser, dev.url, `#/documents/${encodeURIComponent(ID)}`);
  await page.locator("ol.chunks li").first().waitFor();
  const text = await page.locator("main.documents").innerText();
  expect(text).toContain(ID);
  for (const attack of ATTACKS) expect(text).toContain(attack);
  await expectText(page, "documents");
  await page.goto(`${dev.url}/#/documents`);
  await page
    .locator(".library")
    .getByText(ATTACKS[0] ?? "")
    .first()
    .waitFor();
  await expectText(page, "documents");
});

it("shows candidates of the search as text", async () => {
  const page = await openConsole(browser, dev.url, `#/lab?q=${encodeURIComponent(`${QUESTION} ${ATTACK}`)}`);
  await page.locator("main.lab .column li").first().waitFor();
  expect(await page.locator("main.lab").innerText()).toContain(ATTACKS[0]);
  await expectText(page, "lab");
});

it("shows a trace as text", async () => {
  const attributes = {
    "http.route": ATTACK,
    [ATTACK]: ATTACK,
    "url.full": "javascript:alert(11)",
    "error.type": ATTACK,
  };
  const span = { name: ATTACK, startMs: Date.now(), durationMs: 12, attributes, error: ATTACK };
  const [traceId = ""] = await sendSpans(dev.otlpUrl, [span], `service ${ATTACK}`);
  const page = await openConsole(browser, dev.url, "#/traces");
  await page
    .locator("main.traces tbody")
    .getByText(ATTACKS[0] ?? "")
    .first()
    .waitFor();
  await expectText(page, "traces");
  await page.goto(`${dev.url}/#/traces/${traceId}`);
  const row = page.locator("main.traces [role=treeitem]").first();
  await row.click();
  await page.locator("main.traces").getByText("javascript:alert(11)").first().waitFor();
  const text = await page.locator("main.traces").innerText();
  for (const attack of ATTACKS) expect(text).toContain(attack);
  await expectText(page, "traces");
});

it("shows what an address says as text", async () => {
  const page = await openConsole(browser, dev.url, `#/traces/${encodeURIComponent(ATTACK)}`, { expected: /40[04]/ });
  await expectText(page, "traces");
  for (const view of ["documents", "lab", "metrics", "ask", ATTACK]) {
    await page.goto(
      `${dev.url}/#/${encodeURIComponent(view)}/${encodeURIComponent(ATTACK)}?q=${encodeURIComponent(ATTACK)}`,
    );
    await page.locator("h1:visible").waitFor();
    await page.waitForTimeout(300);
    expect(await page.locator("main script, main img, main iframe").count()).toBe(0);
  }
});
