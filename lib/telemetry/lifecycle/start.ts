import { flushAfterResponses } from "./extension.ts";
import { type ExtensionsApi, registerExtension } from "./extensions-api.ts";
import {
  type Flush,
  flushInBackground,
  flushInline,
  flushPeriodically,
  type Lifecycle,
  type Runtime,
} from "./lifecycle.ts";

/** Lambda kills an environment with internal extensions 500 ms after SIGTERM. */
const LAST_FLUSH_MS = 400;

/** Starts the lifecycle that fits the runtime. On Lambda it must run before the runtime asks for its first event. */
export async function startLifecycle(runtime: Runtime, flush: Flush): Promise<Lifecycle> {
  if (runtime.kind === "offline") return flushInBackground(flush);
  process.once("SIGTERM", () => void flush(LAST_FLUSH_MS, true).finally(() => process.exit(0)));
  if (runtime.kind === "managed") return flushPeriodically(flush);
  const extension = await register(runtime.runtimeApi);
  return extension ? flushAfterResponses(extension, flush) : flushInline(flush);
}

/** The extension, or `undefined` where the platform refuses: the function then works without. */
async function register(runtimeApi: string): Promise<ExtensionsApi | undefined> {
  try {
    return await registerExtension(runtimeApi);
  } catch {
    return undefined;
  }
}
