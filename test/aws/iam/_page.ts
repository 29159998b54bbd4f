import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "#deploy/bundle/bundle.ts";

/** Of a role in AWS, as docs/WORKFLOWS.md has them. */
export type Environment = "preview" | "staging" | "production";

interface Page {
  /** The policies, placeholders included, by the file name under which the page has them saved. */
  files: Readonly<Record<(typeof FILES)[number], string>>;
  /** Shell commands that create the role of an environment, in a folder with the files, as the page says to change them. */
  createRole(environment: Environment): string;
  /** Those that limit the role of previews in a shared account. */
  limitPreviews: string;
}

const FILES = ["trust.json", "deploy.json", "boundary.json", "limits.json"] as const;
const STAGES = { preview: "'pr-*'", staging: "staging", production: "production" };
/** Of the page's commands: the environment that they are written for, and what a reader replaces. */
const FIRST_LINE = "environment=staging stage=staging";
const REPOSITORY = "repository=OWNER/NAME";

/** Policies and commands of docs/WORKFLOWS.md as they stand there. @throws Error when one is not on the page */
export function readPage(): Page {
  const text = readFileSync(join(ROOT, "docs/WORKFLOWS.md"), "utf8");
  const files = new Map<string, string>();
  let name = "";
  // The name that a text mentions last is that of the policy after it.
  for (const [, mentioned, json] of text.matchAll(/`([\w-]+\.json)`|```json\n(.*?)```/gs)) {
    if (mentioned !== undefined) name = mentioned;
    else if (json?.includes('"Statement"')) files.set(name, json);
  }
  const file = (wanted: string) => files.get(wanted) ?? missing(`policy to save as ${wanted}`);
  const commands = [...text.matchAll(/```sh\n(.*?)```/gs)].map(([, block = ""]) => block);
  const containing = (part: string) =>
    commands.find((block) => block.includes(part)) ?? missing(`shell block with "${part}"`);
  const creation = containing("aws iam create-role");
  for (const line of [FIRST_LINE, REPOSITORY]) if (!creation.includes(`${line}\n`)) missing(`"${line}"`);
  for (const words of ["`environment=preview stage='pr-*'`", "for `production` both are `production`"]) {
    if (!text.includes(words)) missing(words);
  }
  return {
    files: Object.fromEntries(FILES.map((name) => [name, file(name)])) as Page["files"],
    createRole: (environment) =>
      creation
        .replace(FIRST_LINE, `environment=${environment} stage=${STAGES[environment]}`)
        .replace(REPOSITORY, "repository=example/edge-rag"),
    limitPreviews: containing("--policy-name limits"),
  };
}

function missing(what: string): never {
  throw new Error(`docs/WORKFLOWS.md lacks: ${what}`);
}
