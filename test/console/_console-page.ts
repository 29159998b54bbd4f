import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { expect, onTestFinished } from "vitest";

export interface View {
  /** Default 1280. */
  width?: number;
  scheme?: "light" | "dark";
  /** Messages of the browser that the test causes, such as a response with 503. */
  expected?: RegExp;
}

/**
 * Opens a view of the console in a browser of its own, until the test ends. Then the test fails if the page asked another
 * host for anything, opened a dialog, broke its content security policy, or printed an error.
 *
 * @param address such as "#/traces"
 */
export async function openConsole(browser: Browser, url: string, address: string, view: View = {}): Promise<Page> {
  const { width = 1280, scheme = "light", expected } = view;
  const options: BrowserContextOptions = {
    viewport: { width, height: 800 },
    colorScheme: scheme,
    reducedMotion: "reduce",
  };
  const context = await browser.newContext(options);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const page = await context.newPage();
  const problems = problemsOf(page, url);
  onTestFinished(async () => {
    await context.close();
    expect(problems.filter((problem) => !expected?.test(problem))).toEqual([]);
  });
  await page.goto(`${url}/${address}`);
  await page.locator("h1:visible").waitFor();
  return page;
}

/** Collects what a page must never do. A broken policy is an error on the browser's console. */
function problemsOf(page: Page, url: string): string[] {
  const problems: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") problems.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("popup", (popup) => problems.push(`popup: ${popup.url()}`));
  page.context().on("request", (request) => {
    if (new URL(request.url()).origin !== url && !request.url().startsWith("data:"))
      problems.push(`request: ${request.url()}`);
  });
  return problems;
}
