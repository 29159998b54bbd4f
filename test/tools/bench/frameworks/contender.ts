import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

export interface Block {
  /** Milliseconds of each question; until the first piece of the text, where answers are streamed. */
  latencies: number[];
  /** Milliseconds from process start until the last response. */
  answeredMs: number;
  /** CPU time of the process for all of them. */
  cpuMs: number;
  /** Resident memory after them, in bytes. */
  rss: number;
}

export interface ContenderProcess {
  /** Milliseconds from process start until its handler could be called. */
  readyMs: number;
  ask(questions: readonly string[], concurrency: number, options?: { streamed?: boolean }): Promise<Block>;
  stop(): Promise<void>;
}

/** Loads a bundle in a separate process, which does not inherit this one's environment variables. */
export async function startContender(file: string, env: Record<string, string>): Promise<ContenderProcess> {
  const child = fork(join(import.meta.dirname, "process.mjs"), [file], {
    env: { ...env, NODE_ENV: "production" },
    execArgv: [],
    // Edge RAG logs a line per query.
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let lastOutput = "";
  child.stderr?.on("data", (data: Buffer) => {
    lastOutput = `${lastOutput}${data}`.slice(-2_000);
  });
  const nextMessage = async <T>(): Promise<T> => {
    const ended = new AbortController();
    const exit = once(child, "exit", { signal: ended.signal }).then(() => {
      throw new Error(`${file} exited:\n${lastOutput}`);
    });
    try {
      const [message] = await Promise.race([once(child, "message", { signal: ended.signal }), exit]);
      return message;
    } finally {
      exit.catch(() => {});
      ended.abort();
    }
  };
  const { readyMs } = await nextMessage<{ readyMs: number }>();
  return {
    readyMs,
    ask(questions, concurrency, { streamed = false } = {}) {
      child.send({ questions, concurrency, streamed });
      return nextMessage<Block>();
    },
    stop: () => stop(child),
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}
