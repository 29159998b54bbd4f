/** Names that belong together: of a stage, its stack, its secret and its collection. As in serverless.yml. */

const SERVICE = "edge-rag";

/** The stage of a pull request, and nothing else. */
const PREVIEW = /^pr-([1-9]\d*)$/;

export interface Names {
  stack: string;
  /** In Secrets Manager. */
  secret: string;
  /** In Qdrant: the alias that the functions know. */
  collection: string;
}

/** @throws Error when the stage could be none, or could be read as something else by a shell or an API */
export function namesOf(stage: string): Names {
  if (!/^[a-z][a-z0-9-]{0,29}$/.test(stage)) throw new Error(`"${stage}" is not the name of a stage`);
  const secret = PREVIEW.test(stage) ? "preview" : stage;
  return { stack: `${SERVICE}-${stage}`, secret: `${SERVICE}/${secret}`, collection: `${SERVICE}-${stage}` };
}

/** The number of the pull request whose stage this is; `undefined` for all others. */
export function pullRequestOf(stage: string): number | undefined {
  const [, number] = PREVIEW.exec(stage) ?? [];
  return number === undefined ? undefined : Number(number);
}
