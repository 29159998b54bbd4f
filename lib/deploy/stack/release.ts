/** What a release does to a stage. */
export interface StageSteps {
  /** The deployment that runs; `undefined` when there is none. */
  deployed(): Promise<string | undefined>;
  /** @throws Error when CloudFormation refuses; it has then gone back to what was there by itself */
  deploy(): Promise<void>;
  rollBack(timestamp: string): Promise<void>;
  /** Whether the smoke test is green. */
  smoke(): Promise<boolean>;
  /** Lets a while pass, in which what was only the network may be over. */
  pause(): Promise<void>;
}

/** `broken`: what runs now is not well. */
export type Outcome = "released" | "rolled back" | "broken";

/**
 * Deploys, and goes back to what ran before when the smoke test is red twice: once could be the network. After a rollback it
 * is tested again, as it may not have been the deployment's fault.
 *
 * @param say is told each step and why
 */
export async function release(stage: StageSteps, say: (line: string) => void): Promise<Outcome> {
  const before = await stage.deployed();
  say(before === undefined ? "Nothing is deployed yet." : `Deployment ${before} runs now.`);
  await stage.deploy();
  if (await stage.smoke()) return "released";
  say("The smoke test is red; once more in a while, as it may have been the network.");
  await stage.pause();
  if (await stage.smoke()) return "released";

  const after = await stage.deployed();
  if (before === undefined) {
    say("This was the first deployment: there is none to go back to. It stays, for you to look at.");
    return "broken";
  }
  if (after === before) {
    say(`It is deployment ${before} that was deployed again: there is no other to go back to.`);
    return "broken";
  }
  say(`Rolling back to deployment ${before}.`);
  await stage.rollBack(before);
  if (await stage.smoke()) {
    say(`Rolled back: deployment ${before} runs again, and its smoke test is green.`);
    return "rolled back";
  }
  say("Rolled back, and the smoke test is still red: look at the services, it was not the deployment alone.");
  return "broken";
}
