import { SECRETS, type Secret, secretsOf } from "#config/deployed.ts";
import { codeOf, isDenied, isMissing, messageOf, type RegionalAws } from "./aws.ts";
import type { Deployment } from "./deployment.ts";
import { type Finding, ok, problem } from "./finding.ts";
import { suggestionFor } from "./suggest.ts";

const CHECK = "secret";

/** What the smoke test of the workflows reads from the secret. */
const SMOKE = ["RAG_SMOKE_KEY", "RAG_SMOKE_JAEGER", "RAG_SMOKE_PROMETHEUS"];

export type Values = Readonly<Record<string, string>>;

/** The stage's secret, when it can be read and is an object of strings. */
export interface CheckedSecret {
  findings: Finding[];
  values?: Values;
}

/** Reads the stage's secret and compares its names with those that the package will refer to. */
export async function checkSecret(aws: RegionalAws, deployment: Deployment): Promise<CheckedSecret> {
  const { deploy, region } = deployment;
  const { secret, secretVersion } = deploy;
  const where = `--region ${region}`;
  const version = secretVersion === "" ? [] : ["--version-id", secretVersion];
  let text: string | undefined;
  try {
    const answer = await aws<{ SecretString?: string }>(
      ...["secretsmanager", "get-secret-value", "--secret-id", secret, ...version],
    );
    text = answer.SecretString;
  } catch (error) {
    return { findings: [unreadable(error, deployment)] };
  }
  const values = valuesIn(text);
  const put = `aws secretsmanager put-secret-value ${where} --secret-id ${secret} --secret-string file://secrets.json`;
  if (typeof values === "string") {
    const remedy = `write {"OPENAI_API_KEY": "…", …} to secrets.json, then ${put}`;
    return { findings: [problem(CHECK, `${secret} ${values}`, remedy)] };
  }
  return { values, findings: compare(values, deployment, put) };
}

function unreadable(error: unknown, { deploy: { secret, secretVersion }, region }: Deployment): Finding {
  const where = `--region ${region}`;
  if (isMissing(error) && secretVersion !== "") {
    const remedy = `unset RAG_SECRET_VERSION, or list the versions: aws secretsmanager list-secret-version-ids ${where} --secret-id ${secret}`;
    return problem(CHECK, `${secret} does not exist in ${region}, or has no version ${secretVersion}`, remedy);
  }
  if (isMissing(error)) {
    const remedy = `aws secretsmanager create-secret ${where} --name ${secret} --secret-string file://secrets.json`;
    return problem(CHECK, `${secret} does not exist in ${region}`, remedy);
  }
  if (codeOf(error) === "InvalidRequestException" && /delet/i.test(messageOf(error))) {
    const remedy = `aws secretsmanager restore-secret ${where} --secret-id ${secret}`;
    return problem(CHECK, `${secret} is scheduled for deletion`, remedy);
  }
  const remedy = isDenied(error)
    ? `allow secretsmanager:GetSecretValue on ${secret}: CloudFormation reads it with the permissions of whoever deploys`
    : `aws secretsmanager describe-secret ${where} --secret-id ${secret} may say more`;
  return problem(CHECK, `${secret} could not be read: ${messageOf(error)}`, remedy);
}

/** The values, or what is wrong with the whole; the parser's own message would show a part of it. */
function valuesIn(text: string | undefined): Values | string {
  if (text === undefined) return "is binary, and must be text: a JSON object with a value for each variable";
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return "is not valid JSON: it must be an object with a value for each variable";
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    return "is not a JSON object: it must have a value for each variable";
  }
  const others = Object.entries(parsed).filter(([, value]) => typeof value !== "string");
  if (others.length > 0) return `must have strings as values, and has another type for ${namesIn(others)}`;
  return parsed as Values;
}

function compare(values: Values, { deploy, settings }: Deployment, put: string): Finding[] {
  const { secret } = deploy;
  const needed = secretsOf(settings, deploy.secrets);
  const known: readonly string[] = [...SECRETS, ...SMOKE];
  const given = Object.entries(values);
  const missing = needed.filter((name) => values[name] === undefined);
  const unknown = given.map(([name]) => name).filter((name) => !known.includes(name));
  const change = `correct secrets.json, then ${put}`;
  const misspelt = unknown.flatMap((name) => {
    const meant = suggestionFor(name, missing) ?? suggestionFor(name, known);
    // A name that resembles one that is there may be another key: an old one, for example.
    return meant === undefined || values[meant] !== undefined ? [] : [{ name, meant }];
  });
  const findings = misspelt.map(({ name, meant }) =>
    problem(CHECK, `${secret} has "${name}": did you mean ${meant}?`, change),
  );
  const absent = missing.filter((name) => !misspelt.some(({ meant }) => meant === name));
  if (absent.length > 0) findings.push(problem(CHECK, `${secret} has no ${absent.join(", ")}`, adviceOn(absent, put)));
  const empty = given.filter(([name, value]) => known.includes(name) && value.trim() === "");
  if (empty.length > 0) findings.push(problem(CHECK, `${secret} has no value for ${namesIn(empty)}`, change));
  const spaced = given.filter(([, value]) => value.trim() !== "" && value !== value.trim());
  if (spaced.length > 0) {
    findings.push(problem(CHECK, `white space begins or ends the value of ${namesIn(spaced)} in ${secret}`, change));
  }
  if (findings.length > 0) return findings;
  const unused = unknown.length > 0 ? `; not used: ${unknown.join(", ")}` : "";
  return [ok(CHECK, `${secret} has ${needed.join(", ")}${unused}`)];
}

function adviceOn(absent: readonly Secret[], put: string): string {
  const key = absent.includes("RAG_API_KEYS") ? "; `npm run key -- NAME` prints an entry for RAG_API_KEYS" : "";
  return `add to secrets.json what the service needs, then ${put}${key}; a service without a key is left out of RAG_SECRETS`;
}

function namesIn(entries: readonly (readonly [string, unknown])[]): string {
  return entries.map(([name]) => name).join(", ");
}
