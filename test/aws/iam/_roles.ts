import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Emulator } from "../_emulator.ts";
import { createProject } from "../_project.ts";
import { type Environment, readPage } from "./_page.ts";

export type Credentials = Readonly<Record<"AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" | "AWS_SESSION_TOKEN", string>>;

export interface Roles {
  /** Creates the role of an environment, by the page's commands. */
  create(environment: Environment): Promise<void>;
  /** Attaches the limits to the role of previews, by the page's commands. */
  limitPreviews(): Promise<void>;
  /** What a job of an environment gets for its token. @throws Error when the role does not let it in */
  assume(environment: Environment, job?: string): Promise<Credentials>;
  remove(): void;
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token like those of GitHub, but for the signature, which the emulator does not check. */
const tokenOf = (subject: string) =>
  [
    part({ alg: "RS256", typ: "JWT" }),
    part({ iss: "https://token.actions.githubusercontent.com", aud: "sts.amazonaws.com", sub: subject, exp: 4e9 }),
    "signature",
  ].join(".");

/** The roles of docs/WORKFLOWS.md in the emulator's account. Its root user is the page's administrator. */
export function rolesIn(emulator: Emulator): Roles {
  const page = readPage();
  const { folder, succeed, remove } = createProject(emulator.env);
  for (const [name, text] of Object.entries(page.files)) writeFileSync(join(folder, name), text);
  const run = (commands: string) => succeed(["bash", "-euo", "pipefail", "-c", commands]);
  return {
    create: async (environment) => void (await run(page.createRole(environment))),
    limitPreviews: async () => void (await run(page.limitPreviews)),
    async assume(environment, job = environment) {
      const role = `arn:aws:iam::${emulator.account}:role/github-edge-rag-${environment}`;
      const { Credentials } = JSON.parse(
        await succeed([
          ...["aws", "sts", "assume-role-with-web-identity", "--role-session-name", "job", "--output", "json"],
          ...["--role-arn", role, "--web-identity-token", tokenOf(`repo:example/edge-rag:environment:${job}`)],
        ]),
      );
      return {
        AWS_ACCESS_KEY_ID: Credentials.AccessKeyId,
        AWS_SECRET_ACCESS_KEY: Credentials.SecretAccessKey,
        AWS_SESSION_TOKEN: Credentials.SessionToken,
      };
    },
    remove,
  };
}
