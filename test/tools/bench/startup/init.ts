/**
 * `npm run bench -- init --before COMMIT [--rounds 60] [--json]`: init of the packaged `query` function in the Lambda
 * simulator, with the clients of all services and telemetry, over that of an earlier commit. Every round starts both, in
 * alternating order. The earlier commit is bundled by its own code from its own files, with the packages that are installed
 * now. Linux only. Exits with 1 when the goal is missed.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundle, ROOT } from "#deploy/bundle/bundle.ts";
import { Environment } from "../../lambda/environment.ts";
import { FaultyCollector } from "../../lambda/faulty-collector.ts";
import { median } from "../../lambda/stats.ts";
import { startServices } from "../../size/services.ts";
import { report, short } from "../goals.ts";
import { bootstrap } from "../statistics/interval.ts";

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    before: { type: "string" },
    rounds: { type: "string", default: "60" },
    json: { type: "boolean", default: false },
  },
});
const { before } = values;
const rounds = Number(values.rounds);
if (before === undefined) throw new Error("--before must name the commit to compare with");
if (!(rounds >= 1)) throw new Error("--rounds must be a number above 0");

const GOAL = 1.03;
const OPTIONS = { entries: ["functions/query.ts"], embedded: false };

/** Milliseconds of init, and of the main thread's processor time in it, which barely depends on the load of the machine. */
interface Start {
  init: number;
  cpu: number;
}
type Round = Record<"before" | "after", Start>;

run(process.execPath, [join(import.meta.dirname, "../../lambda/setup.ts")]);
mkdirSync(join(ROOT, ".bundle"), { recursive: true });
const folder = mkdtempSync(join(ROOT, ".bundle/init-"));
const checkout = join(folder, "checkout");
const collector = await FaultyCollector.start();
const services = await startServices();
try {
  run("git", ["worktree", "add", "--detach", checkout, before]);
  symlinkSync(join(ROOT, "node_modules"), join(checkout, "node_modules"));
  const taskRoots = { before: join(checkout, ".bundle/init"), after: join(folder, "after") };
  const script = `import { bundle } from "#deploy/bundle/bundle.ts";
    await bundle(${JSON.stringify(taskRoots.before)}, ${JSON.stringify(OPTIONS)});`;
  run(process.execPath, ["--input-type=module", "--eval", script], checkout);
  await bundle(taskRoots.after, OPTIONS);

  const { AWS_LAMBDA_RUNTIME_API: _, LAMBDA_TASK_ROOT: __, ...hosts } = services.env;
  const env = { ...hosts, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, RAG_RATE_LIMIT: "60/1m" };
  async function start(taskRoot: string): Promise<Start> {
    const environment = await Environment.start({ taskRoot, handler: "query.handler", withoutProbe: true, env });
    const { initMs: init, mainThreadCpu: cpu } = environment;
    await environment.kill();
    return { init, cpu };
  }

  const measured: Round[] = [];
  // The first rounds only fill the page cache.
  for (let round = -2; round < rounds; round++) {
    const order = round % 2 ? (["before", "after"] as const) : (["after", "before"] as const);
    const starts: Partial<Round> = {};
    for (const name of order) starts[name] = await start(taskRoots[name]);
    if (round >= 0) measured.push(starts as Round);
  }

  const medianOf = (drawn: readonly Round[], name: keyof Round, what: keyof Start) =>
    median(drawn.map((starts) => starts[name][what]));
  const ratioOf = (what: keyof Start) =>
    bootstrap(measured, (drawn) => medianOf(drawn, "after", what) / medianOf(drawn, "before", what));
  const rowOf = (name: keyof Round, commit: string) => ({
    commit,
    "init, ms": short(medianOf(measured, name, "init")),
    "CPU, ms": short(medianOf(measured, name, "cpu")),
  });
  report("init", { [`Medians of ${rounds} starts`]: [rowOf("before", before), rowOf("after", "this one")] }, [
    { figure: "init of query, over before", goal: GOAL, measured: ratioOf("init") },
    { figure: "the same, processor time", goal: GOAL, measured: ratioOf("cpu") },
  ]);
} finally {
  await Promise.all([collector.close(), services.close()]);
  run("git", ["worktree", "remove", "--force", checkout]);
  rmSync(folder, { recursive: true, force: true });
}

function run(program: string, args: readonly string[], cwd = ROOT): void {
  execFileSync(program, args, { cwd, stdio: ["ignore", 2, 2] });
}
