/**
 * `node lib/deploy/release/main.ts STAGE`: deploys the output of `npm run package -- --stage STAGE`, runs the smoke test,
 * and rolls back when it fails. Exits with 0 only when the new deployment is running.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { runCommand, say } from "#deploy/ci/command.ts";
import { osls } from "#deploy/stack/osls.ts";
import { namesOf } from "#deploy/stack/stages.ts";
import { release } from "./release.ts";
import { missingFiles, removeDeployment, runningDeployment, urlsOf } from "./stack.ts";

/** Milliseconds. CloudFormation takes minutes, and longer to roll back. */
const LIMIT_MS = 20 * 60_000;
/** Milliseconds. */
const PAUSE_MS = 5_000;

await runCommand("release", async ([stage = ""]) => {
  const { stack } = namesOf(stage);
  const outcome = await release(
    {
      running: async () => (await runningDeployment(stack))?.timestamp,
      missing: () => missingFiles(stack),
      deploy: () => osls(["deploy", "--stage", stage, "--package", ".serverless"], LIMIT_MS),
      rollBack: (timestamp) => osls(["rollback", "--stage", stage, "--timestamp", String(timestamp)], LIMIT_MS),
      remove: (timestamp) => removeDeployment(stack, timestamp),
      smoke: async () => smoke(await urlsOf(stack), stage),
      pause: () => delay(PAUSE_MS),
    },
    say,
  );
  say(`${stage}: ${outcome}.`);
  if (outcome !== "released") process.exitCode = 1;
});

async function smoke({ url, streamUrl }: { url: string; streamUrl: string }, stage: string): Promise<boolean> {
  const script = join(import.meta.dirname, "../smoke/main.ts");
  const args = [script, url, "--stream-url", streamUrl, "--environment", stage];
  const [code] = await once(spawn(process.execPath, args, { stdio: "inherit" }), "exit");
  return code === 0;
}
