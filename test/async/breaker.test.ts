import { expect, test } from "vitest";
import { CircuitBreaker } from "#async/breaker.ts";

function breakerAt(start = 1_000_000, random = () => 0.999_999, threshold = 1) {
  const clock = { ms: start };
  return { clock, breaker: new CircuitBreaker({ now: () => clock.ms, random, threshold }) };
}

test("opens after the first failure, allows a probe after a delay, closes when the probe succeeds", () => {
  const { clock, breaker } = breakerAt();
  expect(breaker.state).toBe("closed");
  expect(breaker.allowsRequest()).toBe(true);
  breaker.recordFailure();
  expect(breaker.state).toBe("open");
  expect(breaker.allowsRequest()).toBe(false);
  expect(breaker.remainingMs).toBeCloseTo(1_000, 0);
  clock.ms += 999;
  expect(breaker.allowsRequest()).toBe(false);
  clock.ms += 1;
  expect(breaker.allowsRequest()).toBe(true);
  expect(breaker.state).toBe("half_open");
  expect(breaker.remainingMs).toBe(0);
  breaker.recordSuccess();
  expect(breaker.state).toBe("closed");
});

test("doubles the delay with each failed probe, up to 30 s, and resets it after a success", () => {
  const { clock, breaker } = breakerAt();
  const delays: number[] = [];
  const delay = () => {
    const failedAt = clock.ms;
    breaker.recordFailure();
    while (!breaker.allowsRequest()) clock.ms += 100;
    return clock.ms - failedAt;
  };
  for (let i = 0; i < 7; i++) delays.push(delay());
  breaker.recordSuccess();
  delays.push(delay());
  expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 1_000]);
});

test("waits no longer when requests that began earlier fail, too", () => {
  const { clock, breaker } = breakerAt();
  breaker.recordFailure();
  clock.ms += 1_000;
  expect(breaker.allowsRequest()).toBe(true);
  for (let i = 0; i < 50; i++) breaker.recordFailure();
  expect(breaker.remainingMs).toBeCloseTo(2_000, 0);
});

test("randomises the upper half of the delay, so that processes do not retry together", () => {
  const { clock, breaker } = breakerAt(0, () => 0);
  breaker.recordFailure();
  clock.ms = 499;
  expect(breaker.allowsRequest()).toBe(false);
  clock.ms = 500;
  expect(breaker.allowsRequest()).toBe(true);
});

test("waits for Retry-After instead of its own delay, but ten minutes at most", () => {
  const { clock, breaker } = breakerAt();
  breaker.recordFailure(120_000);
  clock.ms += 119_999;
  expect(breaker.allowsRequest()).toBe(false);
  clock.ms += 1;
  expect(breaker.allowsRequest()).toBe(true);
  breaker.recordFailure(0);
  expect(breaker.allowsRequest()).toBe(true);
  breaker.recordFailure(86_400_000);
  clock.ms += 600_000;
  expect(breaker.allowsRequest()).toBe(true);
});

test("allows a request when the clock was set back", () => {
  const { clock, breaker } = breakerAt();
  breaker.recordFailure();
  clock.ms -= 3_600_000;
  expect(breaker.allowsRequest()).toBe(true);
});

test("opens after as many consecutive failures as its threshold", () => {
  const { clock, breaker } = breakerAt(0, undefined, 3);
  breaker.recordFailure();
  breaker.recordFailure();
  breaker.recordSuccess();
  breaker.recordFailure();
  breaker.recordFailure();
  expect(breaker.state).toBe("closed");
  breaker.recordFailure();
  expect(breaker.state).toBe("open");
  clock.ms += 1_000;
  expect(breaker.allowsRequest()).toBe(true);
  breaker.recordFailure(); // one failed probe is enough
  expect(breaker.state).toBe("open");
  clock.ms += 1_999;
  expect(breaker.allowsRequest()).toBe(false);
});

test("opens at once when the server sends Retry-After", () => {
  const { clock, breaker } = breakerAt(0, undefined, 3);
  breaker.recordFailure(5_000);
  expect(breaker.allowsRequest()).toBe(false);
  clock.ms += 5_000;
  expect(breaker.allowsRequest()).toBe(true);
});
