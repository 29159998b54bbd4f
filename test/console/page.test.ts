import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { openConsole } from "./_console-page.ts";
import { openShared } from "./_running.ts";

const MAX_SCRIPT_BYTES = 70_000;
const MAX_FIRST_PAINT_MS = 300;
const VIEWS = ["ask", "traces", "metrics", "documents", "lab"];

const running = openShared();

it("has less than 70 KB of script, compressed", async () => {
  const html = await (await fetch(running.dev.url)).text();
  const [script = ""] = html.match(/\/console\/main-\w+\.js/) ?? [];
  const body = Buffer.from(await (await fetch(running.dev.url + script)).arrayBuffer());
  const size = gzipSync(body).length;
  console.log(
    `The page's script: ${(size / 1000).toFixed(1)} KB compressed, ${(body.length / 1000).toFixed(1)} KB as it is.`,
  );
  expect(size).toBeLessThan(MAX_SCRIPT_BYTES);
});

// Again where another process has taken the processor.
it("paints within 300 ms on the second load", { retry: 2 }, async () => {
  const page = await openConsole(running.browser, running.dev.url, "#/ask");
  const paints: number[] = [];
  for (let load = 0; load < 5; load++) {
    await page.reload();
    await page.locator("h1:visible").waitFor();
    paints.push(await page.evaluate(firstPaint));
  }
  const median = paints.toSorted((a, b) => a - b)[2] ?? Number.NaN;
  console.log(`First paint: ${median.toFixed(0)} ms, median of ${paints.map((ms) => ms.toFixed(0)).join(", ")}.`);
  expect(median).toBeLessThan(MAX_FIRST_PAINT_MS);
});

/** Milliseconds from the navigation to the first content. */
function firstPaint(): Promise<number> {
  return new Promise((resolve) => {
    new PerformanceObserver((list) => {
      for (const { name, startTime } of list.getEntries()) if (name === "first-contentful-paint") resolve(startTime);
    }).observe({ type: "paint", buffered: true });
  });
}

it("goes from view to view without loading anything from elsewhere", async () => {
  const page = await openConsole(running.browser, running.dev.url, "");
  for (const name of VIEWS) {
    await page.locator(`nav a[href="#/${name}"]`).click();
    await page.locator(`main.${name} h1`).waitFor();
    expect(await page.locator("nav a[aria-current=page]").getAttribute("href")).toBe(`#/${name}`);
    expect(await page.locator("main:visible").count()).toBe(1);
  }
  await page.goBack();
  expect(page.url()).toContain("#/documents");
});

it("keeps the theme that was chosen, and follows the system by default", async () => {
  const page = await openConsole(running.browser, running.dev.url, "#/ask", { scheme: "dark" });
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await background();
  const toggle = page.getByRole("button", { name: /theme/i });
  await toggle.click();
  const light = await background();
  expect(light).not.toBe(dark);
  await page.reload();
  await page.locator("h1:visible").waitFor();
  expect(await background()).toBe(light);
  await toggle.click();
  expect(await background()).toBe(dark);
});

it("runs no script but its own, and lets no text become HTML", async () => {
  const page = await openConsole(running.browser, running.dev.url, "#/ask", {
    expected: /Content Security Policy|Trusted|TrustedHTML/i,
  });
  const ran = await page.evaluate(() => {
    const results: Record<string, unknown> = {};
    const script = document.createElement("script");
    try {
      script.text = "window.ran = true";
      document.head.append(script);
    } catch (error) {
      results.script = String(error);
    }
    try {
      document.body.innerHTML = "<img src=x onerror='window.ran = true'>";
    } catch (error) {
      results.html = String(error);
    }
    return { ...results, ran: "ran" in window };
  });
  expect(ran).toEqual({
    script: expect.stringContaining("TrustedScript"),
    html: expect.stringContaining("TrustedHTML"),
    ran: false,
  });
});
