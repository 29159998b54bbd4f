/** The steps of a release. Deployments are named by their timestamps. */
export interface StageSteps {
  /** The deployment that runs; `undefined` when there is none. */
  running(): Promise<number | undefined>;
  /** What the bucket lacks of the files by which the running deployment would be restored. */
  missing(): Promise<string[]>;
  /** @throws Error when CloudFormation fails; it then rolls back by itself */
  deploy(): Promise<void>;
  rollBack(timestamp: number): Promise<void>;
  /** Removes the files of a deployment that does not run. */
  remove(timestamp: number): Promise<void>;
  /** Whether the smoke test passes. */
  smoke(): Promise<boolean>;
  /** Waits before the smoke test is repeated. */
  pause(): Promise<void>;
}

/** `broken`: the current deployment fails its smoke test. */
export type Outcome = "released" | "rolled back" | "broken";

/**
 * Deploys, and rolls back when the smoke test fails twice: once could be the network. After a rollback it runs again, as the
 * deployment may not have been the cause. The files of a deployment that was rolled back are removed, so that no list of
 * deployments offers it, and it takes the place of none that ran.
 *
 * @param say called with each step and the reason
 * @throws Error before anything is deployed, if a rollback would not be possible
 */
export async function release(stage: StageSteps, say: (line: string) => void): Promise<Outcome> {
  const before = await stage.running();
  say(before === undefined ? "Nothing is deployed yet." : `Deployment ${before} is running.`);
  if (before !== undefined) await checkFiles(stage, before);
  await stage.deploy();
  if (await stage.smoke()) return "released";
  say("The smoke test failed; repeating it once, in case it was the network.");
  await stage.pause();
  if (await stage.smoke()) return "released";

  const after = await stage.running();
  if (before === undefined) {
    say("This was the first deployment: there is none to roll back to. It stays up for inspection.");
    return "broken";
  }
  if (after === undefined || after === before) {
    say(`Deployment ${before} is still running: there is none to roll back to.`);
    return "broken";
  }
  say(`Rolling back to deployment ${before}.`);
  await stage.rollBack(before);
  await remove(stage, after, say);
  if (await stage.smoke()) {
    say(`Rolled back: deployment ${before} is running again, and its smoke test passes.`);
    return "rolled back";
  }
  say(
    `Rolled back, but the smoke test still fails: check the services; or deployment ${before} is at fault too, if it was never tested.`,
  );
  return "broken";
}

async function checkFiles(stage: StageSteps, before: number): Promise<void> {
  const [first, ...others] = await stage.missing();
  if (first === undefined) return;
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  throw new Error(
    `nothing was deployed: if the smoke test failed, deployment ${before} could not be restored, as its files are gone from the stack's bucket (${first}${more}). ` +
      'Deploy with "npx osls deploy --package .serverless --stage STAGE", which never rolls back; releases after that can.',
  );
}

/** That it remains is no reason for the release to fail: the next deployment removes it. */
async function remove(stage: StageSteps, timestamp: number, say: (line: string) => void): Promise<void> {
  try {
    await stage.remove(timestamp);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    say(`The files of deployment ${timestamp} remain in the stack's bucket until the next deployment: ${why}`);
  }
}
