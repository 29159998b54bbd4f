import type { Browser } from "playwright-core";
import { afterAll, beforeAll, inject } from "vitest";
import { launchChromium } from "./_chromium.ts";
import { type Dev, startReadyDev } from "./_dev.ts";

export interface Running {
  dev: Pick<Dev, "url" | "otlpUrl">;
  browser: Browser;
}

/** Runs a browser while the tests of a file run, with the `npm run dev` of .vitest.console.config.ts' files that share one. */
export function openShared(): Running {
  const running = { dev: inject("dev") } as Running;
  beforeAll(async () => {
    running.browser = await launchChromium();
  });
  afterAll(() => running.browser.close());
  return running;
}

/** Runs an `npm run dev` and a browser while the tests of a file run. */
export function runConsole(): Running {
  const running = {} as Running;
  let stop: Dev["stop"];
  beforeAll(async () => {
    const [dev, browser] = await Promise.all([startReadyDev(), launchChromium()]);
    Object.assign(running, { dev, browser });
    stop = dev.stop;
  });
  afterAll(async () => {
    await running.browser.close();
    await stop();
  });
  return running;
}
