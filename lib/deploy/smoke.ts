/**
 * `npm run smoke -- URL`: asks a running deployment all that it has to be able to, and cleans up after itself. Exits
 * with 1 when a check fails, with 2 when it was called wrongly.
 */
import { smokeOptionsOf, USAGE } from "./smoke-options.ts";
import { lineOf, summaryOf } from "./smoke-report.ts";
import { runSmoke } from "./smoke-run.ts";

/** As shells have it: 128 and the number of SIGINT. */
const INTERRUPTED = 130;

async function main(): Promise<number> {
  const parsed = smokeOptionsOf(process.argv.slice(2), process.env);
  if (typeof parsed === "string") {
    process.stderr.write(`npm run smoke: ${parsed}\n${USAGE}`);
    return 2;
  }
  const { options, json } = parsed;
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => interrupted.abort());
  if (!json) process.stdout.write(`Smoke test of ${options.url}\n`);
  const report = await runSmoke({ ...options, signal: interrupted.signal }, (result) => {
    if (!json) process.stdout.write(`${lineOf(result)}\n`);
  });
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : `${summaryOf(report)}\n`);
  return interrupted.signal.aborted ? INTERRUPTED : report.ok ? 0 : 1;
}

process.exitCode = await main();
