import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface RedisServer {
  /** A Unix socket in a temporary folder: unlike a port, no other process can take it first. */
  socketPath: string;
  /** Stops the server and removes its folder. */
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 8_000;

/**
 * A real, empty redis-server without persistence.
 *
 * @throws Error when redis-server is not installed, or does not start
 */
export async function startRedisServer(): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), "edge-rag-redis-"));
  const socketPath = join(folder, "redis.sock");
  const settings = { port: "0", unixsocket: socketPath, dir: folder, save: "", appendonly: "no" };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const server = spawn("redis-server", args, { stdio: ["ignore", "pipe", "inherit"] });
  const kill = (): void => void server.kill("SIGKILL");
  process.once("exit", kill);

  async function stop(): Promise<void> {
    process.off("exit", kill);
    if (server.pid !== undefined && server.exitCode === null && server.signalCode === null) {
      server.kill();
      await once(server, "exit");
    }
    await rm(folder, { recursive: true, force: true });
  }

  try {
    await ready(server);
  } catch (error) {
    await stop();
    throw error;
  }
  return { socketPath, stop };
}

function ready(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = "";
    const late = AbortSignal.timeout(START_TIMEOUT_MS);
    late.addEventListener("abort", () =>
      reject(new Error(`redis-server was not ready after ${START_TIMEOUT_MS / 1000} s: ${log.slice(-500)}`)),
    );
    server.stdout?.on("data", (text) => {
      log += text;
      if (/ready to accept connections/i.test(log)) resolve();
    });
    server.once("exit", (code) => reject(new Error(`redis-server exited with code ${code}: ${log.slice(-500)}`)));
    server.once("error", (cause) => {
      const advice =
        "code" in cause && cause.code === "ENOENT"
          ? 'install it, for example with "apt-get install redis-server"'
          : cause;
      reject(new Error(`cannot start redis-server, which these tests need: ${advice}`, { cause }));
    });
  });
}
