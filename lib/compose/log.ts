/** Writes one JSON line on standard error, which Lambda and serverless-offline collect. */
export function logError(error: unknown, about: Record<string, unknown>): void {
  const { name, message, stack, cause } = error instanceof Error ? error : new Error(String(error));
  const line = {
    level: "error",
    ...about,
    error: name,
    message,
    stack,
    ...(cause instanceof Error && { cause: cause.stack }),
  };
  process.stderr.write(`${JSON.stringify(line)}\n`);
}
