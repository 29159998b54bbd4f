import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type axe from "axe-core";
import type { Page } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What is wrong with the page as it is, dark and light, for people and for axe: empty when nothing is. */
export async function problemsOf(page: Page): Promise<string[]> {
  const problems = await sideways(page);
  for (const colorScheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme });
    problems.push(...(await violations(page)).map((violation) => `${colorScheme}: ${violation}`));
  }
  return problems;
}

async function violations(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
  const { violations } = await page.evaluate(() =>
    // Of rules that pass, only one example is described.
    (window as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ["violations"] }),
  );
  return violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .map(({ target, failureSummary }) => `${target} ${failureSummary?.split("\n")[1]?.trim()}`)
        .slice(0, 3)
        .join("; ")}`,
  );
}

/** What reaches beyond the page's width. */
function sideways(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth > clientWidth ? [`the page is ${scrollWidth} pixels wide, ${clientWidth} are visible`] : [];
  });
}
