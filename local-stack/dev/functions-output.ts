import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";

/** Output of serverless-offline at startup and for every request, hidden in favour of the trace tree. */
const HIDDEN_OUTPUT = [
  /^$/,
  /^Starting Offline at stage/,
  /^\s*[┌│└]/,
  /^Server ready: /,
  /^(GET|POST|DELETE|OPTIONS) \S+ \(λ: \w+\)$/,
  /^\(λ: \w+\) RequestId: /,
  /^Halting offline server$/,
  /^\{"timestamp":"[^"]+","service":"[^"]*","level":"INFO"/,
  /ExperimentalWarning: SQLite is an experimental feature/,
  /Use `node --trace-warnings/,
];

/** Prints what a process with functions writes, without what the trace tree says. Returns the last lines, for error messages. */
export function printOutput(child: ChildProcess): () => string[] {
  const last: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on("line", (line) => {
      if (HIDDEN_OUTPUT.some((pattern) => pattern.test(line))) return;
      last.push(line);
      last.splice(0, last.length - 5);
      console.log(line);
    });
  }
  return () => last;
}
