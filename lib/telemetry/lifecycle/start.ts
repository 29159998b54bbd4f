import { flushAfterResponses } from "./extension.ts";
import { type ExtensionsApi, registerExtension } from "./extensions-api.ts";
import {
  type Flush,
  flushEverySecond,
  flushInBackground,
  flushInline,
  flushPeriodically,
  flushTogether,
  type Lifecycle,
  type Runtime,
} from "./lifecycle.ts";

/** Lambda kills an environment with internal extensions 500 ms after SIGTERM. */
const LAST_FLUSH_MS = 400;

/**
 * Starts the lifecycle of the runtime. On Lambda, call it before the runtime asks for its first event.
 *
 * @param extensionName of the internal extension that is registered on Lambda
 * @param flushInTime where a response waits for its flush: without what may come after it
 * @param settle where nothing goes on after a flush: waits for what takes longer, that many milliseconds at most
 */
export async function startLifecycle(
  runtime: Runtime,
  flush: Flush,
  extensionName: string,
  flushInTime = flush,
  settle?: (ms: number) => Promise<void>,
): Promise<Lifecycle> {
  if (runtime.kind === "offline") return flushInBackground(flush);
  if (runtime.kind === "worker") return flushTogether(flush, runtime.flushDelayMs);
  if (runtime.kind === "server") return flushEverySecond(flush);
  process.once("SIGTERM", () => void flush(LAST_FLUSH_MS, true).finally(() => process.exit(0)));
  if (runtime.kind === "managed") return flushPeriodically(flush);
  const extension = await register(runtime.runtimeApi, extensionName);
  return extension ? flushAfterResponses(extension, flush, flushInTime, settle) : flushInline(flushInTime);
}

/** The extension; `undefined` when the platform refuses it: the function works without one. */
async function register(runtimeApi: string, name: string): Promise<ExtensionsApi | undefined> {
  try {
    return await registerExtension(runtimeApi, name);
  } catch {
    return undefined;
  }
}
