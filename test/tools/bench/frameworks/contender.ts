import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

export interface Block {
  /** Milliseconds of each question. */
  latencies: number[];
  /** When the last one was answered: milliseconds since the process began. */
  answeredMs: number;
  /** Of the process, for all of them. */
  cpuMs: number;
  /** Resident memory after them, in bytes. */
  rss: number;
}

export interface Contender {
  /** Milliseconds from the start of the process until its handler could be called. */
  readyMs: number;
  ask(questions: readonly string[], concurrency: number): Promise<Block>;
  stop(): Promise<void>;
}

/** Loads a bundle in a process of its own, which sees nothing of this one's environment. */
export async function startContender(file: string, env: Record<string, string>): Promise<Contender> {
  const child = fork(join(import.meta.dirname, "process.mjs"), [file], {
    env: { ...env, NODE_ENV: "production" },
    execArgv: [],
    // Our log has a line for each query.
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let lastWords = "";
  child.stderr?.on("data", (data: Buffer) => {
    lastWords = `${lastWords}${data}`.slice(-2_000);
  });
  const answer = async <T>(): Promise<T> => {
    const ended = new AbortController();
    const exit = once(child, "exit", { signal: ended.signal }).then(() => {
      throw new Error(`${file} ended:\n${lastWords}`);
    });
    try {
      const [message] = await Promise.race([once(child, "message", { signal: ended.signal }), exit]);
      return message;
    } finally {
      exit.catch(() => {});
      ended.abort();
    }
  };
  const { readyMs } = await answer<{ readyMs: number }>();
  return {
    readyMs,
    ask(questions, concurrency) {
      child.send({ questions, concurrency });
      return answer<Block>();
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
