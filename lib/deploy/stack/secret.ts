import { aws } from "#deploy/ci/command.ts";

/** The variables in a stage's secret. @throws Error that contains none of the values */
export async function readSecret(secret: string): Promise<Record<string, string>> {
  const { SecretString } = await aws<{ SecretString: string }>(
    ...["secretsmanager", "get-secret-value", "--secret-id", secret],
  );
  try {
    return JSON.parse(SecretString) as Record<string, string>;
  } catch {
    // The parser's message would show a part of the secret.
    throw new Error(`the secret ${secret} is not valid JSON: it must be an object with a value for each variable`);
  }
}
