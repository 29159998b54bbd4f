/** `npm run ingest -- PATH|'GLOB'… [--url URL | --queue QUEUE_URL]`: sends files to a deployment as documents. */
import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import { printable } from "./printable.ts";
import { runIngest } from "./run.ts";
import { UsageError } from "./usage-error.ts";

/** In a terminal one Ctrl-C arrives twice: npm forwards a signal that its script has received already. */
const SAME_INTERRUPT_MS = 500;

const [stop, abort] = [new AbortController(), new AbortController()];
let interruptedAt = 0;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    const isSame = performance.now() - interruptedAt < SAME_INTERRUPT_MS;
    if (stop.signal.aborted) return void (isSame || abort.abort());
    interruptedAt = performance.now();
    stop.abort();
    process.stderr.write("\nFinishing the requests in flight; press Ctrl-C again to abort them.\n");
  });
}

async function ask(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    // Ctrl-C and Ctrl-D are no yes.
    terminal.on("SIGINT", () => terminal.close());
    const ended = once(terminal, "close").then(() => "");
    const answer = await Promise.race([terminal.question(question).catch(() => ""), ended]);
    return /^y(?:es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

try {
  process.exitCode = await runIngest(process.argv.slice(2), {
    write: (line) => void process.stdout.write(`${line}\n`),
    ...(process.stdin.isTTY && process.stdout.isTTY && { ask }),
    stop: stop.signal,
    abort: abort.signal,
  });
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  const usage = error instanceof UsageError ? `${UsageError.USAGE}\n` : "";
  process.stderr.write(`npm run ingest: ${printable(message)}\n${usage}`);
  process.exitCode = 1;
}
