import type { Locator, Page } from "playwright-core";
import type { QueryEvents } from "#http/schemas/responses.ts";

export interface Asked {
  /** What the page shows of it. */
  turn: Locator;
  /** Last event of the response; `undefined` when it failed. */
  done: QueryEvents["done"] | undefined;
}

/** Responses of the page's questions, as text. */
type WithAnswers = Window & { answers?: Promise<string>[] };

/** Asks a question in the view Ask as a person does, and waits until there is an answer or an error. */
export async function ask(page: Page, question: string): Promise<Asked> {
  await page.evaluate(keepAnswers);
  const turn = await send(page, question);
  await untilDone(turn);
  const events = await page.evaluate(() => (window as WithAnswers).answers?.at(-1) ?? "");
  const data = /^event: done\ndata: (.*)$/m.exec(events)?.[1];
  return { turn, done: data === undefined ? undefined : (JSON.parse(data) as QueryEvents["done"]) };
}

/** Sends a question, without waiting for its answer. */
export async function send(page: Page, question: string): Promise<Locator> {
  const turns = page.locator("main.ask article.turn");
  const before = await turns.count();
  const field = page.getByRole("textbox", { name: "Question" });
  await field.fill(question);
  await field.press("Enter");
  const turn = turns.nth(before);
  await turn.waitFor();
  return turn;
}

/** Waits until the answer has ended, and is shown as Markdown. */
export async function untilDone(turn: Locator): Promise<void> {
  await turn.and(turn.page().locator('[aria-busy="false"]')).waitFor();
  // That of a question which failed is empty, and so not visible.
  await turn.locator('.answer[aria-busy="false"]').waitFor({ state: "attached" });
}

/** Keeps a copy of each response to a question: the browser's protocol has none of those that are streamed. */
function keepAnswers(): void {
  const kept = window as WithAnswers;
  if (kept.answers) return;
  const answers: Promise<string>[] = [];
  kept.answers = answers;
  const { fetch } = window;
  window.fetch = async (...request) => {
    const response = await fetch(...request);
    if (new URL(response.url).pathname === "/query") answers.push(response.clone().text());
    return response;
  };
}
