import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { cpuTime, peakMemory } from "./process-usage.ts";
import { type Mark, RuntimeApi } from "./runtime-api.ts";

export interface EnvironmentOptions {
  /** Folder of the bundle: `LAMBDA_TASK_ROOT`. */
  taskRoot: string;
  /** `file.export` in it. */
  handler: string;
  /** Environment variables besides those that Lambda sets. This process's own environment is not inherited. */
  env?: Readonly<Record<string, string>>;
  /** Rejects extension registration, as Lambda does above ten extensions. */
  refusesExtensions?: boolean;
  /** Skips the probe, which adds to the cold start; uncaught errors and the heap size are then not reported. */
  withoutProbe?: boolean;
  /** Keeps the function's standard output, which Lambda writes to its log. */
  readsLog?: boolean;
  /** Milliseconds an invocation may take, including what its extensions do after the response. */
  timeoutMs?: number;
}

export interface Invocation {
  requestId: string;
  /** `timeout`: killed before it responded. `exit`: the process exited before it responded. */
  outcome: "response" | "error" | "timeout" | "exit";
  body?: unknown;
  /** Milliseconds from delivery to the response, or to the exit of the process. */
  latencyMs: number;
  /** When the response arrived: `performance.now()` of this process. */
  at: number;
  /** Resolves when the environment is frozen again (`frozen`) or its process has exited (`killed`). */
  settled: Promise<"frozen" | "killed">;
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Whether the simulator caused it. */
  expected: boolean;
}

const ARN = "arn:aws:lambda:eu-central-1:123456789012:function:edge-rag";
const INIT_TIMEOUT_MS = 10_000;
/** Installed by setup.ts. */
export const RUNTIME_CLIENT = fileURLToPath(new URL("runtime/node_modules/aws-lambda-ric/index.mjs", import.meta.url));
const PRELOAD = new URL("preload.ts", import.meta.url).href;

/**
 * One simulated execution environment: AWS's runtime client and the function in a separate process, which is frozen
 * with SIGSTOP whenever Lambda would freeze it.
 */
export class Environment {
  /** Milliseconds from process start until it was ready for its first invocation. */
  initMs = 0;
  readonly stderr: string[] = [];
  /** Lines of the function's log, with `readsLog`. */
  readonly log: string[] = [];
  /** Uncaught exceptions and unhandled rejections. */
  readonly uncaught: string[] = [];
  readonly #options: EnvironmentOptions;
  readonly #api: RuntimeApi;
  readonly #exited = Promise.withResolvers<Exit>();
  #process: ChildProcess | undefined;
  #exit: Exit | undefined;
  #ending = false;
  #idle = Promise.withResolvers<"frozen" | "killed">();
  #pending: { requestId: string; resolve(response: Pick<Invocation, "outcome" | "body">): void } | undefined;
  #onHeap: ((bytes: number) => void) | undefined;

  private constructor(options: EnvironmentOptions) {
    this.#options = options;
    this.#api = new RuntimeApi(
      {
        onResponse: (requestId, failed, body) => {
          if (this.#pending?.requestId === requestId)
            this.#pending.resolve({ outcome: failed ? "error" : "response", body });
        },
        onIdle: () => this.#freeze(),
        onInitError: (body) => this.stderr.push(`init error: ${JSON.stringify(body)}`),
      },
      { refusesExtensions: options.refusesExtensions ?? false },
    );
  }

  /**
   * Starts an environment and waits until it is ready and frozen.
   *
   * @throws Error with the process's stderr when it is not ready within Lambda's init limit of 10 seconds.
   */
  static async start(options: EnvironmentOptions): Promise<Environment> {
    const environment = new Environment(options);
    await environment.#spawn();
    const ready = await Promise.race([environment.#idle.promise, environment.#exited.promise, sleep(INIT_TIMEOUT_MS)]);
    if (ready === "frozen") return environment;
    await environment.kill();
    throw new Error(`the function did not start within ${INIT_TIMEOUT_MS / 1000} s:\n${environment.stderr.join("\n")}`);
  }

  get marks(): readonly Mark[] {
    return this.#api.marks;
  }

  get exit(): Exit | undefined {
    return this.#exit;
  }

  get hasExtension(): boolean {
    return this.#api.hasExtension;
  }

  /** Peak resident memory in bytes: what Lambda reports as "Max Memory Used". Linux only. */
  get peakMemory(): number {
    return peakMemory(this.#process?.pid ?? 0);
  }

  /** CPU time of its main thread so far, in milliseconds. Linux only. */
  get mainThreadCpu(): number {
    return Number.parseInt(readFileSync(`/proc/${this.#process?.pid}/schedstat`, "utf8"), 10) / 1e6;
  }

  /** CPU time of all its threads so far, in milliseconds. Linux only. */
  get cpuTime(): number {
    return cpuTime(this.#process?.pid ?? 0);
  }

  /** Thaws the environment and resolves with its response. One at a time: the previous invocation must have settled. */
  async invoke(event: unknown, { timeoutMs = this.#options.timeoutMs ?? 3_000 } = {}): Promise<Invocation> {
    const requestId = crypto.randomUUID();
    const responded = Promise.withResolvers<Pick<Invocation, "outcome" | "body">>();
    this.#pending = { requestId, resolve: responded.resolve };
    this.#idle = Promise.withResolvers();
    this.#thaw();
    const deadlineMs = Date.now() + timeoutMs;
    const deliveredAt = this.#api.deliver({ requestId, event, deadlineMs, arn: ARN, traceId: unsampledXRay() });
    const killer = setTimeout(() => {
      responded.resolve({ outcome: "timeout" });
      void this.kill();
    }, timeoutMs);
    void this.#exited.promise.then(() => responded.resolve({ outcome: "exit" }));
    const settled = Promise.race([this.#idle.promise, this.#exited.promise.then(() => "killed" as const)]);
    void settled.then(() => clearTimeout(killer));

    const response = await responded.promise;
    const at = this.marks.findLast((mark) => mark.requestId === requestId)?.at ?? deliveredAt;
    const end = at > deliveredAt ? at : performance.now();
    return { requestId, ...response, latencyMs: end - deliveredAt, at: end, settled };
  }

  /**
   * Shuts the environment down as Lambda does: SIGTERM, then SIGKILL after `graceMs` milliseconds. Without a registered
   * extension, SIGKILL at once.
   */
  async shutdown(graceMs = 500): Promise<Exit> {
    if (!this.hasExtension || this.#exit) return this.kill();
    this.#ending = true;
    this.#thaw();
    this.#signal("SIGTERM");
    const graceful = await Promise.race([this.#exited.promise, sleep(graceMs)]);
    return graceful ?? this.kill();
  }

  async kill(): Promise<Exit> {
    this.#ending = true;
    if (!this.#exit) this.#api.mark("killed");
    this.#signal("SIGKILL");
    return this.#exited.promise;
  }

  /** Heap size in bytes after a garbage collection. */
  async heapUsed(): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#onHeap = resolve;
    this.#thaw();
    this.#signal("SIGUSR2");
    const bytes = await Promise.race([promise, this.#exited.promise.then(() => Number.NaN)]);
    this.#freeze();
    return bytes;
  }

  async #spawn(): Promise<void> {
    const host = await this.#api.listen();
    const started = performance.now();
    const probe = this.#options.withoutProbe ? [] : ["--expose-gc", "--import", PRELOAD];
    const child = spawn(process.execPath, [...probe, RUNTIME_CLIENT], {
      cwd: this.#options.taskRoot,
      env: { ...lambdaVariables(host, this.#options), ...this.#options.env },
      stdio: ["ignore", this.#options.readsLog ? "pipe" : "ignore", "pipe"],
    });
    this.#process = child;
    if (child.stdout) createInterface({ input: child.stdout }).on("line", (line) => this.log.push(line));
    if (child.stderr) createInterface({ input: child.stderr }).on("line", (line) => this.#read(line));
    child.once("close", (code, signal) => {
      this.#exit = { code, signal, expected: this.#ending };
      this.#api.mark("exited");
      this.#api.close();
      this.#exited.resolve(this.#exit);
    });
    void this.#idle.promise.then(() => {
      this.initMs = (this.marks.find(({ what }) => what === "idle")?.at ?? started) - started;
    });
  }

  #read(line: string): void {
    const [, report] = line.split("[probe] ");
    if (!report) return void this.stderr.push(line);
    const { uncaught, message, heapUsed } = JSON.parse(report);
    if (uncaught) this.uncaught.push(`${uncaught}: ${message}`);
    else this.#onHeap?.(heapUsed);
  }

  #freeze(): void {
    if (this.#ending) return;
    this.#signal("SIGSTOP");
    this.#api.mark("frozen");
    this.#idle.resolve("frozen");
  }

  #thaw(): void {
    this.#signal("SIGCONT");
    this.#api.mark("thawed");
  }

  #signal(signal: NodeJS.Signals): void {
    if (!this.#exit) this.#process?.kill(signal);
  }
}

/** X-Ray's default header for a caller that does not trace: an unsampled parent. */
function unsampledXRay(): string {
  const hex = crypto.randomUUID().replaceAll("-", "");
  return `Root=1-${hex.slice(0, 8)}-${hex.slice(8)};Parent=${hex.slice(0, 16)};Sampled=0`;
}

/** Those of the "Defined runtime environment variables" (Lambda developer guide) that a function may read. */
function lambdaVariables(host: string, { taskRoot, handler }: EnvironmentOptions): Record<string, string> {
  return {
    PATH: "/usr/local/bin:/usr/bin:/bin",
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
    AWS_LAMBDA_RUNTIME_API: host,
    AWS_LAMBDA_FUNCTION_NAME: "edge-rag",
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
    AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/edge-rag",
    AWS_LAMBDA_LOG_STREAM_NAME: `2026/01/01/[$LATEST]${crypto.randomUUID().replaceAll("-", "")}`,
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_REGION: "eu-central-1",
    AWS_DEFAULT_REGION: "eu-central-1",
    LAMBDA_TASK_ROOT: taskRoot,
    LAMBDA_RUNTIME_DIR: "/var/runtime",
    _HANDLER: handler,
    _X_AMZN_TRACE_ID: unsampledXRay(),
  };
}
