import type { TestProject } from "vitest/node";
import { type Dev, startReadyDev } from "./_dev.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The one that files share. */
    dev: Pick<Dev, "url" | "otlpUrl">;
  }
}

/** One `npm run dev` for the files that neither need settings of their own nor notice what others have stored or asked. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const { url, otlpUrl, stop } = await startReadyDev();
  provide("dev", { url, otlpUrl });
  return stop;
}
