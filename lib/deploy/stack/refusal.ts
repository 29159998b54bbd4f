/** A mistake of the user's, with what to do about it. osls prints errors of this name without a stack trace. */
export class Refusal extends Error {
  override readonly name = "ServerlessError";
}
