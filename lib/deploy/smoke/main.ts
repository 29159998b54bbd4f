/**
 * `npm run smoke -- URL`: tests a running deployment end to end and cleans up. Exits with 1 when a check fails, with 2 on
 * invalid arguments.
 */
import { writeFileSync } from "node:fs";
import { smokeOptionsOf, USAGE } from "./options.ts";
import { lineOf, summaryOf } from "./report.ts";
import { runSmoke } from "./run.ts";

/** By the convention of shells: 128 plus the number of SIGINT. */
const INTERRUPTED = 130;

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** @returns the exit code */
export async function smoke(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const parsed = smokeOptionsOf(args, env);
  if (typeof parsed === "string") {
    process.stderr.write(`npm run smoke: ${parsed}\n${USAGE}`);
    return 2;
  }
  const { options, json, file } = parsed;
  const interrupted = new AbortController();
  // Not `once`: npm forwards a signal that both have received.
  const interrupt = (): void => interrupted.abort();
  for (const signal of SIGNALS) process.on(signal, interrupt);
  if (!json) process.stdout.write(`Smoke test of ${options.url}\n`);
  const report = await runSmoke({ ...options, signal: interrupted.signal }, (result) => {
    if (!json) process.stdout.write(`${lineOf(result)}\n`);
  });
  for (const signal of SIGNALS) process.off(signal, interrupt);
  if (file !== undefined) writeFileSync(file, JSON.stringify(report));
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : `${summaryOf(report)}\n`);
  return interrupted.signal.aborted ? INTERRUPTED : report.ok ? 0 : 1;
}

if (import.meta.main) process.exitCode = await smoke(process.argv.slice(2), process.env);
