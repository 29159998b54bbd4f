import { expect, it, onTestFinished, vi } from "vitest";
import { createPendingDeletes } from "#console/page/documents/deletes/pending-deletes.ts";

function deletesOf(failures: Record<string, string> = {}) {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const sent: string[] = [];
  const deleted: string[] = [];
  const deletes = createPendingDeletes({
    delayMs: 8_000,
    async send(id, isLeaving) {
      sent.push(isLeaving ? `${id} while leaving` : id);
      if (failures[id]) throw new Error(failures[id]);
    },
    onChange() {},
    onDeleted: (id) => deleted.push(id),
  });
  return { deletes, sent, deleted, states: () => deletes.list().map(({ id, state }) => `${id} ${state}`) };
}

it("deletes when the time is over, each in its own", async () => {
  const { deletes, sent, deleted, states } = deletesOf();
  deletes.add("a");
  await vi.advanceTimersByTimeAsync(5_000);
  deletes.add("b");
  expect(states()).toEqual(["a waiting", "b waiting"]);
  await vi.advanceTimersByTimeAsync(3_000);
  expect({ sent, deleted, states: states() }).toEqual({ sent: ["a"], deleted: ["a"], states: ["b waiting"] });
  await vi.advanceTimersByTimeAsync(5_000);
  expect(deleted).toEqual(["a", "b"]);
});

it("deletes nothing that is taken back", async () => {
  const { deletes, sent, states } = deletesOf();
  deletes.add("a");
  deletes.add("b");
  deletes.undo("a");
  await vi.advanceTimersByTimeAsync(10_000);
  expect({ sent, states: states() }).toEqual({ sent: ["b"], states: [] });
});

it("keeps a document that could not be deleted, with the reason, until that was seen", async () => {
  const { deletes, deleted } = deletesOf({ a: "This API key is read-only" });
  deletes.add("a");
  await vi.advanceTimersByTimeAsync(8_000);
  expect(deletes.list()).toEqual([{ id: "a", state: "failed", reason: "This API key is read-only" }]);
  expect(deleted).toEqual([]);
  deletes.undo("a");
  expect(deletes.list()).toEqual([]);
});

it("waits while it is held, and has all its time again after", async () => {
  const { deletes, sent } = deletesOf();
  deletes.add("a");
  deletes.hold(true);
  deletes.add("b");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sent).toEqual([]);
  deletes.hold(false);
  await vi.advanceTimersByTimeAsync(7_999);
  expect(sent).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(sent).toEqual(["a", "b"]);
});

it("sends what waits when the page is left, once", async () => {
  const { deletes, sent } = deletesOf();
  deletes.add("a");
  deletes.flush();
  deletes.flush();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(sent).toEqual(["a while leaving"]);
});
