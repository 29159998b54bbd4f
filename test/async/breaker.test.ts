import { expect, test } from "vitest";
import { CircuitBreaker } from "#async/breaker.ts";

function breakerAt(start = 1_000_000, random = () => 0.999_999, threshold = 1) {
  const clock = { ms: start };
  return { clock, breaker: new CircuitBreaker({ now: () => clock.ms, random, threshold }) };
}

test("opens with the first failure, probes after a delay, closes when the probe succeeds", () => {
  const { clock, breaker } = breakerAt();
  expect(breaker.state).toBe("closed");
  expect(breaker.allows()).toBe(true);
  breaker.failed();
  expect(breaker.state).toBe("open");
  expect(breaker.allows()).toBe(false);
  clock.ms += 999;
  expect(breaker.allows()).toBe(false);
  clock.ms += 1;
  expect(breaker.allows()).toBe(true);
  expect(breaker.state).toBe("half_open");
  breaker.succeeded();
  expect(breaker.state).toBe("closed");
});

test("doubles the delay with each failed probe, up to half a minute, and starts over after a success", () => {
  const { clock, breaker } = breakerAt();
  const delays: number[] = [];
  const delay = () => {
    const failedAt = clock.ms;
    breaker.failed();
    while (!breaker.allows()) clock.ms += 100;
    return clock.ms - failedAt;
  };
  for (let i = 0; i < 7; i++) delays.push(delay());
  breaker.succeeded();
  delays.push(delay());
  expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 1_000]);
});

test("draws the delay from its upper half, so that many do not return together", () => {
  const { clock, breaker } = breakerAt(0, () => 0);
  breaker.failed();
  clock.ms = 499;
  expect(breaker.allows()).toBe(false);
  clock.ms = 500;
  expect(breaker.allows()).toBe(true);
});

test("waits as long as the server asks, shorter or longer than it would, but ten minutes at most", () => {
  const { clock, breaker } = breakerAt();
  breaker.failed(120_000);
  clock.ms += 119_999;
  expect(breaker.allows()).toBe(false);
  clock.ms += 1;
  expect(breaker.allows()).toBe(true);
  breaker.failed(0);
  expect(breaker.allows()).toBe(true);
  breaker.failed(86_400_000);
  clock.ms += 600_000;
  expect(breaker.allows()).toBe(true);
});

test("does not wait on when the clock was set back", () => {
  const { clock, breaker } = breakerAt();
  breaker.failed();
  clock.ms -= 3_600_000;
  expect(breaker.allows()).toBe(true);
});

test("opens only with as many failures in a row as it is told to bear", () => {
  const { clock, breaker } = breakerAt(0, undefined, 3);
  breaker.failed();
  breaker.failed();
  breaker.succeeded();
  breaker.failed();
  breaker.failed();
  expect(breaker.state).toBe("closed");
  breaker.failed();
  expect(breaker.state).toBe("open");
  clock.ms += 1_000;
  expect(breaker.allows()).toBe(true);
  breaker.failed(); // one failed probe is enough
  expect(breaker.state).toBe("open");
  clock.ms += 1_999;
  expect(breaker.allows()).toBe(false);
});

test("opens at once when the server says when to come back", () => {
  const { clock, breaker } = breakerAt(0, undefined, 3);
  breaker.failed(5_000);
  expect(breaker.allows()).toBe(false);
  clock.ms += 5_000;
  expect(breaker.allows()).toBe(true);
});
