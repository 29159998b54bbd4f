import {
  credentialsInUrls,
  isSecret,
  readSecretSizes,
  type Secret,
  secretsOf,
  startupProblems,
} from "#config/deployed.ts";
import { ConfigError } from "#config/env.ts";
import { type SecretOptions, secretVariables, sizeProblem } from "./environment.ts";
import { boundaryProblem } from "./roles.ts";
import { namesOf } from "./stages.ts";

type Variables = Readonly<Record<string, string>>;

export interface Plan {
  stage: string;
  /** What every function gets, without the secrets. */
  settings: Variables;
  /** What each function has of its own. */
  functions: readonly Variables[];
  deploy: SecretOptions & { secrets: string; alarmTopic: string; permissionsBoundary: string; streamApi: string };
}

/** Why a package must not be made: what would not start, would show a credential, or would be refused by AWS. One line each. */
export function problemsOf({ stage, settings, functions, deploy }: Plan): string[] {
  const { names, problems } = secretsIn(settings, deploy.secrets);
  const placeholders = Object.fromEntries(names.map((name) => [name, "-"]));
  const sizes = readSecretSizes();
  const ofFunctions = functions.flatMap((own) => {
    const variables = { ...settings, ...own };
    const tooLarge = sizeProblem({ ...secretVariables(names, deploy), ...variables }, sizes);
    return [
      ...startupProblems({ ...placeholders, ...variables }),
      ...credentialsInUrls(variables),
      ...secretsInClearText(variables),
      ...(tooLarge ? [`${tooLarge.what} ${tooLarge.remedy}`] : []),
    ];
  });
  return [...new Set([...stageProblems(stage), ...optionProblems(deploy), ...problems, ...ofFunctions])];
}

function stageProblems(stage: string): string[] {
  try {
    namesOf(stage);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

function secretsIn(settings: Variables, chosen: string): { names: Secret[]; problems: string[] } {
  try {
    return { names: secretsOf(settings, chosen), problems: [] };
  } catch (error) {
    if (error instanceof ConfigError) return { names: secretsOf(settings, ""), problems: [error.message] };
    throw error;
  }
}

function secretsInClearText(variables: Variables): string[] {
  return Object.entries(variables)
    .filter(([name, value]) => isSecret(name) && !value.startsWith("{{resolve:"))
    .map(
      ([name]) =>
        `${name}: must not be in serverless.yml, since packages contain that in clear text: put it into the secret.`,
    );
}

function* optionProblems(deploy: Plan["deploy"]): Generator<string> {
  const { secretsFrom, alarmTopic, permissionsBoundary, streamApi } = deploy;
  if (!["environment", "secret"].includes(secretsFrom)) {
    yield "RAG_SECRETS_FROM: must be one of environment, secret.";
  }
  if (!["rest", "url"].includes(streamApi)) yield "RAG_STREAM_API: must be one of rest, url.";
  if (alarmTopic !== "" && !/^arn:aws[\w-]*:sns:[\w-]+:\d{12}:[\w-]+$/.test(alarmTopic)) {
    yield "RAG_ALARM_TOPIC: must be the ARN of an SNS topic, like arn:aws:sns:eu-central-1:123456789012:name.";
  }
  const boundary = boundaryProblem(permissionsBoundary);
  if (boundary) yield boundary;
}
