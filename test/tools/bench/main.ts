/** `npm run bench -- PART [--json]`: runs one benchmark and prints its figures. */
const PARTS: Record<string, () => Promise<unknown>> = {
  search: () => import("./search.ts"),
  load: () => {
    if (process.argv.includes("--sweep")) return import("./load-sweep.ts");
    return process.argv.includes("--harness") ? import("./load-harness.ts") : import("./load.ts");
  },
  scale: () => import("./scale.ts"),
  peers: () => import("./frameworks/main.ts"),
  overhead: () => import("./overhead.ts"),
  coldstart: () => import("./coldstart.ts"),
  "collector-down": () => import("./collector-down.ts"),
  transport: () => import("./transport.ts"),
  cost: () => import("./cost/main.ts"),
  "first-steps": () => import("./first-steps.ts"),
};

const [name = ""] = process.argv.slice(2);
const part = PARTS[name];
if (!part) {
  console.error(`npm run bench: there is no part "${name}"; the parts are: ${Object.keys(PARTS).join(", ")}`);
  process.exit(1);
}
await part();
