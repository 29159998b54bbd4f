/**
 * Runs the packaged worker in Cloudflare's workerd on `PORT` of 127.0.0.1, with the settings of its wrangler.jsonc. The rest
 * of this process's environment are the worker's variables.
 */
import { readPackagedWorker } from "../support/packaged-worker.ts";
import { createMiniflare, esModule } from "./_miniflare.ts";
import { WORKER_FOLDER } from "./_setup.ts";

/** Of the process itself. */
const OWN = new Set(["PATH", "HOME", "TMPDIR", "LANG", "PORT", "NODE_COMPILE_CACHE"]);

const { modules, vars, ...compatibility } = readPackagedWorker(WORKER_FOLDER);
const variables = Object.entries(process.env).filter(([name]) => !OWN.has(name));

const miniflare = createMiniflare({
  modules: Array.from(modules, ([path, contents]) => esModule(path, contents)),
  ...compatibility,
  bindings: { ...vars, ...Object.fromEntries(variables) },
  ...{ host: "127.0.0.1", port: Number(process.env.PORT) },
});
await miniflare.ready;
