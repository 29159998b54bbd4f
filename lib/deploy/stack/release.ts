/** The steps of a release. */
export interface StageSteps {
  /** The current deployment; `undefined` when there is none. */
  deployed(): Promise<string | undefined>;
  /** @throws Error when CloudFormation fails; it has then rolled back by itself */
  deploy(): Promise<void>;
  rollBack(timestamp: string): Promise<void>;
  /** Whether the smoke test passes. */
  smoke(): Promise<boolean>;
  /** Waits before the smoke test is repeated. */
  pause(): Promise<void>;
}

/** `broken`: the current deployment fails its smoke test. */
export type Outcome = "released" | "rolled back" | "broken";

/**
 * Deploys, and rolls back when the smoke test fails twice: once could be the network. After a rollback it runs again, as the
 * deployment may not have been the cause.
 *
 * @param say called with each step and the reason
 */
export async function release(stage: StageSteps, say: (line: string) => void): Promise<Outcome> {
  const before = await stage.deployed();
  say(before === undefined ? "Nothing is deployed yet." : `Deployment ${before} is running.`);
  await stage.deploy();
  if (await stage.smoke()) return "released";
  say("The smoke test failed; repeating it once, in case it was the network.");
  await stage.pause();
  if (await stage.smoke()) return "released";

  const after = await stage.deployed();
  if (before === undefined) {
    say("This was the first deployment: there is none to roll back to. It stays up for inspection.");
    return "broken";
  }
  if (after === before) {
    say(`Deployment ${before} was deployed again: there is no other to roll back to.`);
    return "broken";
  }
  say(`Rolling back to deployment ${before}.`);
  await stage.rollBack(before);
  if (await stage.smoke()) {
    say(`Rolled back: deployment ${before} is running again, and its smoke test passes.`);
    return "rolled back";
  }
  say("Rolled back, but the smoke test still fails: check the services, the deployment was not the only cause.");
  return "broken";
}
