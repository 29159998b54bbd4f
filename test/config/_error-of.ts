import { ConfigError, readConfig } from "#config/env.ts";

/** The message with which settings are refused. */
export function errorOf(
  env: Record<string, string>,
  read: (env: Record<string, string>) => unknown = readConfig,
): string {
  try {
    read(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
  }
  throw new Error("the settings were accepted");
}
