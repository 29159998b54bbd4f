import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ONE_COMPILER_THREAD } from "../../dev/ingest.ts";

export interface LabRequest {
  id: number;
  path: "/lab" | "/support";
  /** JSON. */
  body: string;
  /** The header of the caller, with an API key. */
  authorization?: string;
}

export type LabReply = { ready: true } | { error: string } | { id: number; status: number; type: string; body: string };

export type LabResponse = Extract<LabReply, { id: number }>;

export interface Lab {
  /**
   * Sends a request to the process that searches, which the first one starts.
   *
   * @throws LabError that says why there is no response
   */
  send(request: Omit<LabRequest, "id">): Promise<LabResponse>;
  /** Ends the process. */
  close(): void;
}

/** There is no response. */
export class LabError extends Error {
  override readonly name = "LabError";
}

export interface LabOptions {
  dataDir: string;
  /** Milliseconds after which the process is ended. */
  idleMs?: number;
  /** Milliseconds until the process is given up. */
  timeoutMs?: number;
}

interface Running {
  child: ChildProcess;
  ready: Promise<void>;
  pending: Map<number, { resolve(response: LabResponse): void; reject(error: Error): void }>;
}

const PROGRAM = fileURLToPath(new URL("process.ts", import.meta.url));
const MAX_PENDING = 8;

export function createLab({ dataDir, idleMs = 60_000, timeoutMs = 60_000 }: LabOptions): Lab {
  let running: Running | undefined;
  let idle: NodeJS.Timeout | undefined;
  let lastId = 0;

  function close(): void {
    clearTimeout(idle);
    running?.child.kill("SIGKILL");
    running = undefined;
  }

  async function send(request: Omit<LabRequest, "id">): Promise<LabResponse> {
    clearTimeout(idle);
    running ??= start(dataDir, (ended) => {
      if (running?.child === ended) running = undefined;
    });
    const { child, ready, pending } = running;
    if (pending.size >= MAX_PENDING) throw new LabError(`${MAX_PENDING} requests are running already: wait for one.`);
    lastId += 1;
    const id = lastId;
    const { promise, resolve, reject } = Promise.withResolvers<LabResponse>();
    pending.set(id, { resolve, reject });
    const timer = setTimeout(() => {
      reject(
        new LabError(`The request took over ${timeoutMs / 1_000} s and was given up: are the models slow to respond?`),
      );
      close();
    }, timeoutMs);
    try {
      await Promise.race([ready, promise]);
      child.send({ id, ...request } satisfies LabRequest, () => {});
      return await promise;
    } finally {
      clearTimeout(timer);
      pending.delete(id);
      if (pending.size === 0) idle = setTimeout(close, idleMs).unref();
    }
  }

  return { send, close };
}

/** @param onEnd called when the process has ended, or cannot search */
function start(dataDir: string, onEnd: (child: ChildProcess) => void): Running {
  const child = fork(PROGRAM, [dataDir], { execArgv: [ONE_COMPILER_THREAD] });
  const pending: Running["pending"] = new Map();
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  // It is also the error of each request.
  ready.catch(() => {});
  const fail = (message: string): void => {
    onEnd(child);
    const error = new LabError(message);
    reject(error);
    for (const request of pending.values()) request.reject(error);
  };
  child.on("message", (reply: LabReply) => {
    if ("ready" in reply) resolve();
    else if ("error" in reply) {
      fail(`The process that searches cannot start: ${reply.error}`);
      child.kill("SIGKILL");
    } else pending.get(reply.id)?.resolve(reply);
  });
  child.on("error", (error) => fail(`The process that searches cannot be started: ${error.message}`));
  child.on("exit", (code, signal) =>
    fail(`The process that searches ended (${signal ?? `exit code ${code}`}): try again.`),
  );
  return { child, ready, pending };
}
