import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Account, startAccount } from "./_account.ts";
import type { Emulator } from "./_emulator.ts";
import type { Project } from "./_project.ts";
import type { Services } from "./_services.ts";

let account: Account;
let [emulator, services, project]: [Emulator?, Services?, Project?] = [];

beforeAll(async () => {
  account = await startAccount();
  ({ emulator, services, project } = account);
});

afterAll(() => account?.close());

/** Each finding's line, and the remedies, in the order of the output. */
async function preflight(settings: Readonly<Record<string, string>>) {
  const { code = -1, output = "" } =
    (await project?.run(["npm", "run", "preflight", "--", "--stage", "staging"], settings)) ?? {};
  const lines = [...output.matchAll(/^([✓✗–] [a-z]+(?: [a-z]+)?) {2,}(.*)$/gm)];
  return {
    code,
    output,
    found: (name: string) => lines.filter(([, check]) => check === name).map(([, , detail = ""]) => detail),
    remedies: [...output.matchAll(/^ +→ (.*)$/gm)].map(([, remedy = ""]) => remedy),
  };
}

async function aws(...args: string[]): Promise<void> {
  await project?.succeed(["aws", ...args]);
}

test("what an account lacks is found, and the remedies, as they are printed, give it", async () => {
  const account = emulator?.account ?? "";
  const region = emulator?.region ?? "";
  const boundary = `arn:aws:iam::${account}:policy/limits`;
  const settings = {
    ...services?.settings,
    RAG_ALARM_TOPIC: `arn:aws:sns:${region}:${account}:alarms`,
    RAG_PERMISSIONS_BOUNDARY: boundary,
  };
  await aws("logs", "create-log-group", "--log-group-name", "/aws/lambda/edge-rag-staging-query");

  const before = await preflight(settings);
  expect(before.code, before.output).toBe(1);
  expect(before.found("✗ secret")).toEqual([`edge-rag/staging does not exist in ${region}`]);
  expect(before.found("✗ stack").join()).toContain("/aws/lambda/edge-rag-staging-query");
  expect(before.found("✗ alarm topic")).toEqual([`${settings.RAG_ALARM_TOPIC} does not exist`]);
  expect(before.found("✗ boundary")).toEqual([`the policy ${boundary} does not exist`]);

  writeFileSync(join(project?.folder ?? "", "secrets.json"), JSON.stringify(services?.secret));
  for (const remedy of before.remedies) {
    const [command] = /\baws .*$/.exec(remedy) ?? [];
    if (command) await aws(...command.split(" ").slice(1));
  }
  const statement = { Effect: "Allow", Action: "logs:PutLogEvents", Resource: "*" };
  const document = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  await aws("iam", "create-policy", "--policy-name", "limits", "--policy-document", document);

  const after = await preflight(settings);
  expect(after.code, after.output).toBe(0);
  expect(after.output).toMatch(/\n✓ staging can be deployed: \d+ ok, 0 problems, 0 not checked\n$/);
});

test("a key that its service rejects, and a misspelt one, are found", async () => {
  const put = async (secret: object) =>
    aws(
      "secretsmanager",
      "put-secret-value",
      "--secret-id",
      "edge-rag/staging",
      "--secret-string",
      JSON.stringify(secret),
    );
  const { QDRANT_API_KEY, ...rest } = services?.secret ?? {};
  await put({ ...services?.secret, QDRANT_API_KEY: "wrong" });
  const wrong = await preflight(services?.settings ?? {});
  expect(wrong.found("✗ qdrant").join(), wrong.output).toContain("401");
  await put({ ...rest, QDRANT_KEY: QDRANT_API_KEY });
  const misspelt = await preflight(services?.settings ?? {});
  expect(misspelt.found("✗ secret")).toEqual(['edge-rag/staging has "QDRANT_KEY": did you mean QDRANT_API_KEY?']);
  await put(services?.secret ?? {});
});

test("a stack whose creation failed is found, and removed by the remedy", async () => {
  const QueueName = "{{resolve:secretsmanager:nothing:SecretString:KEY}}";
  const template = JSON.stringify({ Resources: { Queue: { Type: "AWS::SQS::Queue", Properties: { QueueName } } } });
  await aws("cloudformation", "create-stack", "--stack-name", "edge-rag-staging", "--template-body", template);
  const failed = await preflight(services?.settings ?? {});
  expect(failed.found("✗ stack").join(), failed.output).toContain("edge-rag-staging is ROLLBACK_COMPLETE");
  const [, command = ""] = /(npx osls remove [^;]*)/.exec(failed.remedies.join("\n")) ?? [];
  await project?.succeed(command.split(" "));
  const removed = await preflight(services?.settings ?? {});
  expect(removed.code, removed.output).toBe(0);
});
