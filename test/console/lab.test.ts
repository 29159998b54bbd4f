import { expect, it } from "vitest";
import type { LabResult } from "#console/contract.ts";
import { openConsole } from "./_console-page.ts";
import { openShared } from "./_running.ts";

const running = openShared();

it("shows the candidates of meaning, words, both fused and reranked, side by side, as the search has them", async () => {
  const page = await openConsole(running.browser, running.dev.url, "#/lab");
  const responded = page.waitForResponse((response) => response.url().endsWith("/console/api/lab"));
  await page.locator("main.lab input").first().fill("How do I turn telemetry off?");
  await page.keyboard.press("Enter");
  const result = (await (await responded).json()) as LabResult;
  const columns = page.locator("main.lab .column");
  await columns.first().locator("li").first().waitFor();
  expect(await columns.locator("h3").allInnerTexts()).toHaveLength(4);
  for (const name of ["meaning", "words", "fused", "reranked"] as const) {
    const scores = await page.locator(`main.lab .column.${name} .score`).allTextContents();
    expect(scores.length, name).toBe(10);
    expect(scores, name).toEqual(result[name].slice(0, 10).map(({ score }) => score.toFixed(3)));
  }
  const search = await fetch(`${running.dev.url}/search`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ question: "How do I turn telemetry off?", top_k: 5 }),
  });
  const { citations } = (await search.json()) as { citations: { chunk_id: string }[] };
  expect(result.reranked.slice(0, 5).map(({ chunk_id }) => chunk_id)).toEqual(
    citations.map(({ chunk_id }) => chunk_id),
  );
  const boxes = await columns.evaluateAll((elements) => elements.map((column) => column.getBoundingClientRect().top));
  expect(new Set(boxes).size).toBe(1);
});

it("says why a passage was missed", async () => {
  const page = await openConsole(running.browser, running.dev.url, "#/lab?q=How%20do%20I%20turn%20telemetry%20off%3F");
  await page.locator("main.lab .column li").first().waitFor();
  await page.getByLabel("Where is…?").fill("telemetry off");
  await page.locator("main.lab .find li").first().waitFor();
  await page.getByLabel("Where is…?").fill("no such passage anywhere");
  await page.getByText("No passage with this is among").waitFor();
});
