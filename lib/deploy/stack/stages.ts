/** The stages that serverless.yml declares, and the names of a stage's stack, secret and collection. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

const FILE = join(import.meta.dirname, "../../../serverless.yml");
/** The stage of a pull request. */
const PREVIEW = /^pr-([1-9]\d*)$/;

export interface Names {
  stack: string;
  /** In Secrets Manager; RAG_SECRET goes before that of serverless.yml. */
  secret: string;
  /** In Qdrant: the alias that the functions use. */
  collection: string;
}

/** The used part of serverless.yml. */
interface Declared {
  service: string;
  /** By stage, and "default". */
  params: Readonly<Record<string, { secret?: string } | null>>;
}

/**
 * @param declared of another serverless.yml than the project's
 * @throws Error unless the stage is declared, or a pull request's, and has a secret; the message lists the stages
 */
export function namesOf(stage: string, declared: Declared = readDeclared()): Names {
  const { service, params } = declared;
  const isDeclared = stage !== "default" && Object.hasOwn(params, stage);
  if (!PREVIEW.test(stage) && !isDeclared) {
    const known = Object.keys(params).filter((name) => name !== "default");
    throw new Error(
      `"${stage}" is not a stage: serverless.yml has ${known.join(", ")}, and pr-N for pull requests. ` +
        "To add one, give it an entry with a secret of its own under params.",
    );
  }
  if (!/^[a-z][a-z0-9-]*$/.test(stage)) {
    throw new Error(`"${stage}" is not the name of a stage: it must be lower-case letters, digits and hyphens`);
  }
  const secret = process.env.RAG_SECRET || (isDeclared ? params[stage] : params.default)?.secret;
  if (!secret) throw new Error(`the stage ${stage} has no secret: add one under params.${stage} in serverless.yml`);
  return {
    stack: `${service}-${stage}`,
    secret: secret.replace(/\$\{self:service\}/g, service).replace(/\$\{sls:stage\}/g, stage),
    collection: `${service}-${stage}`,
  };
}

/** The pull request's number if this is its stage, otherwise `undefined`. */
export function pullRequestOf(stage: string): number | undefined {
  const [, number] = PREVIEW.exec(stage) ?? [];
  return number === undefined ? undefined : Number(number);
}

function readDeclared(): Declared {
  // CloudFormation's tags, such as !GetAtt, are warnings.
  return parse(readFileSync(FILE, "utf8"), { merge: true, logLevel: "error" }) as Declared;
}
