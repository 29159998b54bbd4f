import { aws } from "#deploy/ci/command.ts";

/** What a stage's secret holds, by variable. @throws Error without any of the values in it */
export async function readSecret(secret: string): Promise<Record<string, string>> {
  const { SecretString } = await aws<{ SecretString: string }>(
    ...["secretsmanager", "get-secret-value", "--secret-id", secret],
  );
  try {
    return JSON.parse(SecretString) as Record<string, string>;
  } catch {
    // Its message would show a part of the secret.
    throw new Error(`the secret ${secret} holds no JSON: it has to be an object of variables and their values`);
  }
}
