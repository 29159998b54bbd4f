/** The names of a stage's stack, secret and collection, as in serverless.yml. */

const SERVICE = "edge-rag";

/** The stage of a pull request. */
const PREVIEW = /^pr-([1-9]\d*)$/;

export interface Names {
  stack: string;
  /** In Secrets Manager. */
  secret: string;
  /** In Qdrant: the alias that the functions use. */
  collection: string;
}

/** @throws Error unless the stage is a valid name, safe in shells and APIs */
export function namesOf(stage: string): Names {
  if (!/^[a-z][a-z0-9-]{0,29}$/.test(stage)) throw new Error(`"${stage}" is not the name of a stage`);
  const secret = PREVIEW.test(stage) ? "preview" : stage;
  return { stack: `${SERVICE}-${stage}`, secret: `${SERVICE}/${secret}`, collection: `${SERVICE}-${stage}` };
}

/** The pull request's number if this is its stage, otherwise `undefined`. */
export function pullRequestOf(stage: string): number | undefined {
  const [, number] = PREVIEW.exec(stage) ?? [];
  return number === undefined ? undefined : Number(number);
}
