import { beforeAll, describe, expect, test } from "vitest";
import { KEYED, KEYED_SETTINGS, LAPTOP, OPEN, OPEN_SETTINGS } from "../functions/_rollback-requests.ts";
import { type Case, type Comparable, replyOn, replyOnLambda } from "../functions/_server.ts";
import { ROUTES } from "./_requests.ts";
import { RUNTIMES } from "./_runtimes.ts";

const CASES: [name: string, requests: Case][] = [
  [
    "with hosted services and telemetry, while the collector is away",
    { requests: [...OPEN, ...ROUTES], settings: { ...OPEN_SETTINGS, OTEL_ENABLED: "true" }, hosted: true },
  ],
  [
    "with hosted services and without telemetry",
    { requests: [...OPEN, ...ROUTES], settings: { ...OPEN_SETTINGS, OTEL_ENABLED: "false" }, hosted: true },
  ],
  ["with API keys, CORS and a stage that is skipped", { requests: KEYED, settings: KEYED_SETTINGS, hosted: true }],
  ["with embedded parts", { requests: LAPTOP, settings: {}, hosted: false }],
];

describe.each(CASES)("%s", (_, requests) => {
  let lambda: Comparable[];
  beforeAll(async () => {
    lambda = await replyOnLambda(requests);
  });

  test("Lambda answers with the expected statuses", () => {
    const expected = requests.requests.filter(([, { event, leftMs }]) => event === undefined && !leftMs);
    expect(lambda.map(({ request, status }) => [request, status])).toEqual(
      expected.map(([status, { request }]) => [request, status]),
    );
  });

  const runtimes = RUNTIMES.filter(({ hostedOnly }) => requests.hosted || !hostedOnly);
  test.each(runtimes.map((runtime) => [runtime.name, runtime] as const))(
    "%s answers as Lambda does",
    async (_, runtime) => {
      const replies = await replyOn(runtime, requests);
      expect(replies.length).toBeGreaterThan(5);
      expect(replies).toEqual(lambda.filter(({ request }) => !runtime.gateway?.answers.has(request)));
    },
  );
});
