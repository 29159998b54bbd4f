/** How functions get the values of secret settings: as variables that CloudFormation fills in, or from the secret, at start. */
import type { Secret } from "#config/deployed.ts";
import type { Statement } from "./roles.ts";

export interface SecretOptions {
  /** Name or ARN of the secret in Secrets Manager. */
  secret: string;
  /** Version id; "" for the current one. */
  secretVersion: string;
  /** "environment" or "secret". */
  secretsFrom: string;
}

/** Lambda's limit for the variables of a function as JSON, in bytes: its error message shows that text. */
export const MAX_BYTES = 4_096;

/** Variables for the secrets with these names. No file or template has the values. */
export function secretVariables(names: readonly Secret[], options: SecretOptions): Record<string, string> {
  const { secret, secretVersion, secretsFrom } = options;
  if (secretsFrom === "secret") {
    const version = secretVersion && { RAG_SECRET_VERSION: secretVersion };
    return { RAG_SECRETS_FROM: "secret", RAG_SECRET: secret, ...version, RAG_SECRETS: names.join(",") };
  }
  const version = secretVersion && `::${secretVersion}`;
  return Object.fromEntries(
    names.map((name) => [name, `{{resolve:secretsmanager:${secret}:SecretString:${name}${version}}}`]),
  );
}

/** What a function's role needs for them: to read this secret, if the function does. */
export function secretStatements({ secret, secretsFrom }: SecretOptions): Statement[] {
  if (secretsFrom !== "secret") return [];
  const isArn = secret.startsWith("arn:");
  // Secrets Manager adds a hyphen and six characters to the name.
  const arn = `arn:\${AWS::Partition}:secretsmanager:\${AWS::Region}:\${AWS::AccountId}:secret:${secret}-??????`;
  return [
    { Effect: "Allow", Action: ["secretsmanager:GetSecretValue"], Resource: isArn ? secret : { "Fn::Sub": arn } },
  ];
}

/**
 * The size of an environment as Lambda counts it, in bytes.
 *
 * @param variables of a function, with references in place of secrets
 * @param sizes bytes of the secrets' values, or the fewest that they can have
 */
export function environmentBytes(
  variables: Readonly<Record<string, string>>,
  sizes: Readonly<Record<string, number>>,
): number {
  return Buffer.byteLength(JSON.stringify(filledIn(variables, sizes)));
}

/** Why Lambda would refuse an environment, and what to do: a sentence each. */
export interface SizeProblem {
  what: string;
  remedy: string;
}

/** `undefined` when the environment is not too large. @param variables, sizes as for {@link environmentBytes} */
export function sizeProblem(
  variables: Readonly<Record<string, string>>,
  sizes: Readonly<Record<string, number>>,
): SizeProblem | undefined {
  const bytes = environmentBytes(variables, sizes);
  if (bytes <= MAX_BYTES) return undefined;
  const largest = Object.entries(filledIn(variables, sizes))
    .map(([name, value]) => ({ name, bytes: Buffer.byteLength(value) }))
    .toSorted((a, b) => b.bytes - a.bytes);
  const named = largest.slice(0, 3).map(({ name, bytes }) => `${name} ${bytes}`);
  return {
    what: `The variables of a function would have at least ${bytes} bytes, and Lambda allows ${MAX_BYTES}; the largest are ${named.join(", ")}.`,
    remedy: variables.RAG_SECRETS_FROM
      ? "Shorten them."
      : "Set RAG_SECRETS_FROM=secret, so that the functions read the secret at start and their variables have only its name.",
  };
}

/** The variables with as many bytes as the secrets have in place of references. */
function filledIn(
  variables: Readonly<Record<string, string>>,
  sizes: Readonly<Record<string, number>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [
      name,
      value.startsWith("{{resolve:") ? "-".repeat(sizes[name] ?? 1) : value,
    ]),
  );
}
