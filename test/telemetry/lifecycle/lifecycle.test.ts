import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { startLifecycle } from "#telemetry/lifecycle/start.ts";
import { extensionsApi } from "./_extensions-api.ts";

/** A flush that lasts until it is released. */
function flushes() {
  const budgets: number[] = [];
  const pending: (() => void)[] = [];
  const flush = (budgetMs: number) => {
    budgets.push(budgetMs);
    return new Promise<{ ok: boolean }>((resolve) => pending.push(() => resolve({ ok: true })));
  };
  return { flush, budgets, finish: () => pending.shift()?.() };
}

describe("on Lambda", () => {
  test("it registers before the first event, flushes only after the response, and then requests the next event", async () => {
    const api = await extensionsApi();
    const { flush, budgets, finish } = flushes();
    const lifecycle = await startLifecycle({ kind: "lambda", runtimeApi: api.runtimeApi }, flush, "test");
    expect(api.log[0]).toBe("POST register");
    const invocation = await api.invoke("a");
    await delay(20);
    expect(budgets).toEqual([]);
    await lifecycle.responded(invocation);
    await vi.waitFor(() => expect(budgets).toHaveLength(1));
    expect(api.nexts()).toBe(1);
    finish();
    await api.waitsForNext(2);
  });

  test("a response before the extension's event is not lost", async () => {
    const api = await extensionsApi();
    const { flush, budgets } = flushes();
    const lifecycle = await startLifecycle({ kind: "lambda", runtimeApi: api.runtimeApi }, flush, "test");
    await api.waitsForNext(1);
    await lifecycle.responded({ requestId: "a", deadlineMs: Date.now() + 5_000 });
    await api.invoke("a");
    await vi.waitFor(() => expect(budgets).toHaveLength(1));
  });

  test("a flush gets at most a second, and never more than the rest of the invocation", async () => {
    const api = await extensionsApi();
    const { flush, budgets, finish } = flushes();
    const lifecycle = await startLifecycle({ kind: "lambda", runtimeApi: api.runtimeApi }, flush, "test");
    for (const [requestId, leftMs] of [
      ["long", 30_000],
      ["short", 400],
    ] as const) {
      await lifecycle.responded(await api.invoke(requestId, Date.now() + leftMs));
      await vi.waitFor(() => expect(budgets).toHaveLength(requestId === "long" ? 1 : 2));
      finish();
    }
    expect(budgets[0]).toBe(1_000);
    expect(budgets[1]).toBeLessThanOrEqual(300);
  });

  test("an invocation without a response is flushed before its deadline", async () => {
    const api = await extensionsApi();
    const { flush, budgets } = flushes();
    await startLifecycle({ kind: "lambda", runtimeApi: api.runtimeApi }, flush, "test");
    await api.invoke("stuck", Date.now() + 300);
    await vi.waitFor(() => expect(budgets).toHaveLength(1));
  });

  test("without the Extensions API each response waits for its telemetry, 280 ms at most", async () => {
    const api = await extensionsApi({ refuses: true });
    const { flush, budgets, finish } = flushes();
    const lifecycle = await startLifecycle({ kind: "lambda", runtimeApi: api.runtimeApi }, flush, "test");
    let left = false;
    const responded = lifecycle.responded({ requestId: "a", deadlineMs: Date.now() + 5_000 }).then(() => (left = true));
    await delay(20);
    expect({ left, budgets }).toEqual({ left: false, budgets: [280] });
    finish();
    await responded;
    expect(api.nexts()).toBe(0);
  });

  test("a failing Extensions API is retried, and meanwhile each response waits for its telemetry", async () => {
    const api = await extensionsApi();
    const { flush, budgets, finish } = flushes();
    const lifecycle = await startLifecycle({ kind: "lambda", runtimeApi: api.runtimeApi }, flush, "test");
    await api.waitsForNext(1);
    api.close();
    await delay(50);
    const responded = lifecycle.responded({ requestId: "a", deadlineMs: Date.now() + 5_000 });
    await vi.waitFor(() => expect(budgets).toEqual([280]));
    finish();
    await responded;

    await api.waitsForNext(2);
    const second = await api.invoke("b");
    await delay(50);
    await lifecycle.responded(second);
    await vi.waitFor(() => expect(budgets).toHaveLength(2));
    expect(budgets[1]).toBe(1_000);
  });

  test("a function that blocks longer than the registration's time limit is registered all the same", async () => {
    const api = await extensionsApi();
    const { flush } = flushes();
    const starting = startLifecycle({ kind: "lambda", runtimeApi: api.runtimeApi }, flush, "test");
    await delay(2);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_200);
    await starting;
    await api.waitsForNext(1);
  });
});

test("offline the rest is flushed before the process exits", async () => {
  const { flush, budgets } = flushes();
  const before = new Set(process.listeners("beforeExit"));
  await startLifecycle({ kind: "offline" }, flush, "test");
  const added = process.listeners("beforeExit").filter((listener) => !before.has(listener));
  expect(added).toHaveLength(1);
  added[0]?.(0);
  expect(budgets).toHaveLength(1);
});

test("offline no response waits for its flush", async () => {
  const { flush, budgets } = flushes();
  const lifecycle = await startLifecycle({ kind: "offline" }, flush, "test");
  await lifecycle.responded({ requestId: "a", deadlineMs: 0 });
  expect(budgets).toHaveLength(1);
});

test("offline responses in quick succession share a flush, including the last", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { flush, budgets } = flushes();
  const lifecycle = await startLifecycle({ kind: "offline" }, flush, "test");
  for (let answers = 0; answers < 5; answers += 1) await lifecycle.responded({ requestId: "a", deadlineMs: 0 });
  expect(budgets).toHaveLength(1);
  vi.advanceTimersByTime(100);
  expect(budgets).toHaveLength(2);
  vi.advanceTimersByTime(10_000);
  expect(budgets).toHaveLength(2);
  await lifecycle.responded({ requestId: "a", deadlineMs: 0 });
  expect(budgets).toHaveLength(3);
});

test("on managed instances it flushes every five seconds", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { flush, budgets } = flushes();
  const lifecycle = await startLifecycle({ kind: "managed" }, flush, "test");
  await lifecycle.responded({ requestId: "a", deadlineMs: 0 });
  expect(budgets).toHaveLength(0);
  vi.advanceTimersByTime(10_000);
  expect(budgets).toHaveLength(2);
});

test("in a server it flushes every second, and leaves SIGTERM to it", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const listeners = process.listenerCount("SIGTERM");
  const { flush, budgets } = flushes();
  const lifecycle = await startLifecycle({ kind: "server" }, flush, "test");
  await lifecycle.responded({ requestId: "a", deadlineMs: 0 });
  expect(budgets).toHaveLength(0);
  vi.advanceTimersByTime(10_000);
  expect(budgets).toHaveLength(10);
  expect(process.listenerCount("SIGTERM")).toBe(listeners);
});

describe("in a worker", () => {
  /** A worker whose collector takes what is sent as long as `ok` is set; time passes only when the test says so. */
  async function worker(ok: boolean) {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const collector = { ok };
    const flushedAt: number[] = [];
    const started = Date.now();
    const flush = async () => {
      flushedAt.push(Date.now() - started);
      return { ok: collector.ok };
    };
    const lifecycle = await startLifecycle({ kind: "worker", flushDelayMs: 100 }, flush, "test");
    const ended: number[] = [];
    const respond = () =>
      lifecycle.responded({ requestId: "", deadlineMs: 0 }).then(() => ended.push(Date.now() - started));
    return { collector, flushedAt, ended, respond };
  }

  test("responses of a tenth of a second share a flush, for which one of them waits", async () => {
    const { flushedAt, ended, respond } = await worker(true);
    void respond();
    await vi.advanceTimersByTimeAsync(60);
    void respond();
    await vi.advanceTimersByTimeAsync(60);
    void respond();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(flushedAt).toEqual([100, 220]);
    expect(ended).toEqual([60, 100, 220]);
  });

  test("when the platform ends a request that waits, the next one after its time flushes", async () => {
    const { flushedAt, respond } = await worker(true);
    void respond();
    vi.clearAllTimers();
    await vi.advanceTimersByTimeAsync(60);
    void respond();
    await vi.advanceTimersByTimeAsync(60);
    void respond();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(flushedAt).toEqual([220]);
  });

  test("a request holds on until the collector takes its telemetry, as the isolate may be gone before the next", async () => {
    const { collector, flushedAt, ended, respond } = await worker(false);
    void respond();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(ended).toEqual([]);
    collector.ok = true;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(ended).toEqual([10_100]);
    expect(flushedAt).toHaveLength(11);
  });

  test("only the latest request holds on", async () => {
    const { flushedAt, ended, respond } = await worker(false);
    void respond();
    await vi.advanceTimersByTimeAsync(500);
    void respond();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(ended).toEqual([1_100]);
    expect(flushedAt).toEqual([100, 600, 1_600]);
  });

  test("no request is held for longer than the platform allows", async () => {
    const { ended, respond } = await worker(false);
    void respond();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ended).toHaveLength(1);
    expect(ended[0]).toBeLessThan(30_000);
  });
});
