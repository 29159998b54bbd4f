import { expect, test } from "vitest";
import { missedGoals, OFFLINE, SERVER } from "./goals.ts";

const GOOD = { errors: 0, requests_per_second: 100, p50_ms: 100, p99_ms: 900, p99_to_p50: 9 };
const of = (server: object, offline: object = {}) => [
  { name: SERVER, ...GOOD, ...server },
  { name: OFFLINE, ...GOOD, ...offline },
];

test("no goal is missed by a server that is as fast as serverless-offline, which may fail", () => {
  expect(missedGoals(of({}, { errors: 5, p99_to_p50: 50 }))).toEqual([]);
});

test("each missed goal has its sentence", () => {
  expect(missedGoals(of({ errors: 2, requests_per_second: 99, p99_to_p50: 10.5 }))).toEqual([
    "2 requests to the server failed",
    "p99 is 10.5 times p50, over 10",
    "99 requests per second, fewer than the 100 of serverless-offline",
  ]);
  expect(missedGoals([])).toEqual(["a contestant answered nothing"]);
  expect(missedGoals(of({}, { requests_per_second: 0 }))).toEqual(["a contestant answered nothing"]);
});
