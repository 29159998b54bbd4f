#!/usr/bin/env node
// Plays `aws`, `gh` and `osls`, by the name it is called by, on a state in a file: AWS and GitHub as far as lib/deploy asks.
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";

const file = process.env.FAKE_STATE;
const state = JSON.parse(readFileSync(file, "utf8"));
const program = basename(process.argv[1]).replace("serverless.js", "osls");
const args = process.argv.slice(2);
const command = [program, ...args].join(" ");
appendFileSync(`${file}.calls`, `${command}\n`);

const folderOf = (timestamp) => `serverless/edge-rag/stage/${timestamp}-${new Date(Number(timestamp)).toISOString()}`;
const option = (name) => args[args.indexOf(name) + 1];
/** Nothing for an empty object, as the AWS command line. */
const json = (value) => Object.keys(value).length > 0 && console.log(JSON.stringify(value));
function fail(message) {
  console.error(message);
  process.exit(254);
}

const scripted = Object.entries(state.answers ?? {}).find(([start]) => command.startsWith(start));
if (scripted) {
  const [, { fails, ...answer }] = scripted;
  if (fails) fail(fails);
  json(answer);
  process.exit();
}

const refusal = state.refuse?.find((start) => command.startsWith(start));
if (refusal) fail(`${refusal} is refused`);

const answers = {
  "aws cloudformation describe-stacks"() {
    const { api, stream = "", rest } = state.urls;
    const outputs = { HttpApiUrl: api, ...(rest ? { StreamApiUrl: rest } : { StreamLambdaFunctionUrl: `${stream}/` }) };
    json({
      Stacks: [
        {
          StackStatus: "UPDATE_COMPLETE",
          Outputs: Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })),
        },
      ],
    });
  },
  "aws cloudformation get-template"() {
    if (!state.deployed)
      fail(`An error occurred (ValidationError): Stack with id ${option("--stack-name")} does not exist`);
    const S3Key = `${folderOf(state.deployed)}/query-0123456789ab.zip`;
    const QueryLambdaFunction = { Type: "AWS::Lambda::Function", Properties: { Code: { S3Key } } };
    json({ TemplateBody: { Resources: { Bucket: { Type: "AWS::S3::Bucket" }, QueryLambdaFunction } } });
  },
  "aws cloudformation describe-stack-resource": () => json({ StackResourceDetail: { PhysicalResourceId: "bucket" } }),
  "aws s3api list-objects-v2"() {
    const files = ["query-0123456789ab.zip", "compiled-cloudformation-template.json"];
    const keys = state.stored ?? files.map((file) => `${folderOf(state.deployed)}/${file}`);
    console.log(JSON.stringify(keys.length === 0 ? null : keys));
  },
  "aws s3api delete-objects"() {
    const keys = JSON.parse(option("--delete")).Objects.map(({ Key }) => Key);
    const kept = keys.filter((key) => state.locked?.includes(key));
    state.stored = state.stored.filter((key) => kept.includes(key) || !keys.includes(key));
    json({ Deleted: [], ...(kept.length > 0 && { Errors: kept.map((Key) => ({ Key, Message: "Access Denied" })) }) });
  },
  "aws cloudformation list-stacks"() {
    json({
      StackSummaries: Object.entries(state.stacks).map(([StackName, StackStatus]) => ({ StackName, StackStatus })),
    });
  },
  "aws s3api head-bucket": () => json({}),
  "aws sts get-caller-identity": () =>
    json({ Account: "123456789012", Arn: "arn:aws:sts::123456789012:assumed-role/x" }),
  "aws lambda get-account-settings": () =>
    json({ AccountLimit: { ConcurrentExecutions: 1000, UnreservedConcurrentExecutions: 1000 } }),
  "aws lambda get-function-concurrency": () => json({}),
  "aws secretsmanager get-secret-value": () => json({ SecretString: state.secrets[option("--secret-id")] }),
  "osls print"() {
    const stage = option("--stage");
    const deploy = {
      secret: `edge-rag/${stage}`,
      secretVersion: "",
      secretsFrom: "environment",
      secrets: "",
      alarmTopic: "",
      permissionsBoundary: "",
      streamApi: "url",
    };
    const query = { name: `edge-rag-${stage}-query`, reservedConcurrency: 10 };
    json({ service: "edge-rag", provider: { stage, region: "eu-west-1" }, functions: { query }, custom: { deploy } });
  },
  "osls deploy"() {
    state.deployed = state.packaged;
  },
  "osls rollback"() {
    state.deployed = option("--timestamp");
  },
  "osls remove"() {
    state.stacks[`edge-rag-${option("--stage")}`] = "DELETE_COMPLETE";
  },
  "osls package"() {
    state.boundary = process.env.RAG_PERMISSIONS_BOUNDARY;
  },
  "gh api"() {
    const path = args.find((arg) => arg.startsWith("repos/"));
    if (/\/pulls\?state=open/.test(path)) return console.log(state.pulls.join("\n"));
    if (!args.includes("--input")) {
      const jq = option("--jq");
      const marker = /startswith\("([^"]*)"\)/.exec(jq)[1];
      const author = /\.user\.login == "([^"]*)"/.exec(jq)?.[1];
      const isOurs = ({ login, body }) => body.startsWith(marker) && (author === undefined || login === author);
      const ours = state.comments.filter(isOurs);
      return console.log(ours.map(({ id }) => id).join("\n"));
    }
    const { body } = JSON.parse(readFileSync(option("--input"), "utf8"));
    if (option("--method") === "POST")
      state.comments.push({ id: 1000 + state.comments.length, login: "github-actions[bot]", body });
    else state.comments.find(({ id }) => path.endsWith(`/${id}`)).body = body;
  },
};
const answer = Object.entries(answers).find(([start]) => command.startsWith(start));
if (!answer) fail(`there is no fake for: ${command}`);
const before = JSON.stringify(state);
answer[1]();
// Calls may run side by side: those that change nothing must not write.
if (JSON.stringify(state) !== before) writeFileSync(file, JSON.stringify(state));
