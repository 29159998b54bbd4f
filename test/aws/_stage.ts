import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { type Deployment, deploymentsIn } from "#deploy/release/deployments.ts";
import type { Emulator } from "./_emulator.ts";
import type { Finished, Project } from "./_project.ts";
import type { Services } from "./_services.ts";

/** A stage on the emulator, worked on as an operator would. */
export interface Stage {
  /** `npm run package` with these settings besides the services'. @returns the folder of the package, to deploy at any time */
  package(settings?: Readonly<Record<string, string>>): Promise<string>;
  /** A copy of a package, with other settings: replaces texts in its template. */
  repackage(packaged: string, replaced: Readonly<Record<string, string>>): string;
  /** `lib/deploy/release/main.ts` with a package. */
  release(packaged: string): Promise<Finished>;
  /** `osls deploy` with a package. */
  deploy(packaged: string): Promise<Finished>;
  /** The chat model that the deployed API names in its response to a query: tests set another for each deployment. */
  model(): Promise<string>;
  /** The deployments in the stack's bucket, the oldest first. */
  stored(): Promise<Deployment[]>;
  bucket(): Promise<string>;
}

export function createStage(name: string, emulator: Emulator, project: Project, services: Services): Stage {
  const key = services.secret.RAG_SMOKE_KEY;
  const folder = join(project.folder, ".serverless");
  const aws = async (...args: string[]) =>
    JSON.parse(await project.succeed(["aws", ...args, "--output", "json"])) as unknown;

  function restore(packaged: string): void {
    rmSync(folder, { recursive: true, force: true });
    cpSync(packaged, folder, { recursive: true });
  }

  let found: Promise<string> | undefined;
  const bucket = async () => {
    found ??= findBucket();
    return found;
  };
  const findBucket = async () =>
    (await aws(
      ...["cloudformation", "describe-stack-resource", "--stack-name", `edge-rag-${name}`],
      ...["--logical-resource-id", "ServerlessDeploymentBucket", "--query", "StackResourceDetail.PhysicalResourceId"],
    )) as string;

  let url: string | undefined;

  return {
    bucket,
    async package(settings) {
      await project.succeed(["npm", "run", "package", "--", "--stage", name], { ...services.settings, ...settings });
      const packaged = mkdtempSync(join(project.folder, "packaged-"));
      cpSync(folder, packaged, { recursive: true });
      return packaged;
    },
    repackage(packaged, replaced) {
      const copy = mkdtempSync(join(project.folder, "packaged-"));
      cpSync(packaged, copy, { recursive: true });
      // The template that is deployed is part of the state.
      const state = join(copy, "serverless-state.json");
      let text = readFileSync(state, "utf8");
      for (const [from, to] of Object.entries(replaced)) {
        if (!text.includes(from)) throw new Error(`the package has no ${from}`);
        text = text.replaceAll(from, to);
      }
      writeFileSync(state, text);
      return copy;
    },
    release(packaged) {
      restore(packaged);
      return project.run(["node", "lib/deploy/release/main.ts", name], { RAG_SMOKE_KEY: key });
    },
    deploy(packaged) {
      restore(packaged);
      return project.run(["npx", "--no-install", "osls", "deploy", "--package", ".serverless", "--stage", name]);
    },
    async model() {
      // An update keeps it.
      url ??= /^url=(.*)$/m.exec(await project.succeed(["node", "lib/deploy/ci/outputs.ts", name]))?.[1] ?? "";
      const api = emulator.addressOf(url);
      const post = (path: string, body: unknown) =>
        fetch(`${api}${path}`, {
          method: "POST",
          headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
          body: JSON.stringify(body),
        });
      const stored = await post("/embed", { documents: [{ id: "lamp", text: "A lighthouse keeps a spare lamp." }] });
      expect(stored.status).toBe(200);
      const response = await post("/query", { question: "What does a lighthouse keep?" });
      // Like OpenAI, the server responds with the model's version.
      return ((await response.json()) as { model: string }).model.replace(/-\d{4}-\d\d-\d\d$/, "");
    },
    async stored() {
      const list = ["s3api", "list-objects-v2", "--bucket", await bucket(), "--query", "Contents[].Key"];
      return deploymentsIn((await aws(...list)) as string[]);
    },
  };
}
