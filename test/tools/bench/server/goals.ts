export interface ServerFigures {
  name: string;
  /** Requests that failed, timed out or got no answer, of all rounds. */
  errors: number;
  requests_per_second: number;
  p50_ms: number;
  p99_ms: number;
  p99_to_p50: number;
}

/** The contestant with goals, and the one that it is compared with. */
export const SERVER = "Node.js server";
export const OFFLINE = "serverless-offline";

const MOST_P99_TO_P50 = 10;

/** One sentence per missed goal. */
export function missedGoals(figures: readonly ServerFigures[]): string[] {
  const server = figures.find(({ name }) => name === SERVER);
  const offline = figures.find(({ name }) => name === OFFLINE);
  if (!server?.requests_per_second || !offline?.requests_per_second) return ["a contestant answered nothing"];
  const { errors, p99_to_p50: ratio, requests_per_second: rate } = server;
  return [
    ...(errors === 0 ? [] : [`${errors} requests to the server failed`]),
    ...(ratio <= MOST_P99_TO_P50 ? [] : [`p99 is ${ratio} times p50, over ${MOST_P99_TO_P50}`]),
    ...(rate >= offline.requests_per_second
      ? []
      : [`${rate} requests per second, fewer than the ${offline.requests_per_second} of ${OFFLINE}`]),
  ];
}
