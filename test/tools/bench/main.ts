/** `npm run bench -- PART [--json]`: runs one benchmark and prints its results. */
const PARTS: Record<string, () => Promise<unknown>> = {
  search: () => import("./search/main.ts"),
  "search-route": () => import("./search/route.ts"),
  embed: () => import("./embed/main.ts"),
  dev: () => import("./startup/dev.ts"),
  load: () => {
    if (process.argv.includes("--sweep")) return import("./load/sweep.ts");
    return process.argv.includes("--harness") ? import("./load/simulator.ts") : import("./load/main.ts");
  },
  server: () => import("./server/main.ts"),
  worker: () => import("./worker/main.ts"),
  scale: () => import("./scale/main.ts"),
  limits: () => import("./limits/main.ts"),
  peers: () => import("./frameworks/main.ts"),
  "first-token": () => import("./first-token/main.ts"),
  groundedness: () => import("./groundedness/main.ts"),
  overhead: () => import("./telemetry/overhead.ts"),
  allocation: () => import("./telemetry/allocation.ts"),
  init: () => import("./startup/init.ts"),
  coldstart: () => import("./startup/coldstart.ts"),
  "collector-down": () => import("./telemetry/collector-down.ts"),
  transport: () => import("./telemetry/transport.ts"),
  cost: () => import("./cost/main.ts"),
  growth: () => import("./growth/main.ts"),
  "first-steps": () => import("./startup/first-steps.ts"),
};

const [name = ""] = process.argv.slice(2);
const part = PARTS[name];
if (!part) {
  console.error(
    `Unknown benchmark "${name}". Usage: npm run bench -- PART, with PART one of ${Object.keys(PARTS).join(", ")}`,
  );
  process.exit(1);
}
await part();
