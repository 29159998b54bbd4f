/** `https://ID.execute-api.REGION.amazonaws.com/path` and `https://ID.lambda-url.REGION.on.aws/path`. */
const AT_AWS =
  /^https:\/\/([a-z0-9]+)\.(execute-api\.[a-z0-9-]+\.amazonaws\.com|lambda-url\.[a-z0-9-]+\.on\.aws)(?=\/|$)/;

/**
 * Where the emulator serves an API or a function that has this URL at AWS; other URLs remain as they are. The path of the
 * API's root would be the emulator's: its `/health`, for one, is not ours.
 */
export function addressOf(url: string, emulator: string): string {
  return url.replace(AT_AWS, (_, id: string, name: string) =>
    name.startsWith("execute-api")
      ? `${emulator}/_aws/execute-api/${id}/$default`
      : `${emulator}/_aws/lambda-url/${id}`,
  );
}
