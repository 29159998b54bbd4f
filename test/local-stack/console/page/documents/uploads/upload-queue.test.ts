import { expect, it } from "vitest";
import type { FileResult } from "#console/contract.ts";
import { createUploadQueue } from "#console/page/documents/uploads/upload-queue.ts";
import { countByKind, inOrderOfUrgency, summaryOf } from "#console/page/documents/uploads/upload-summary.ts";

interface Sending {
  id: string;
  onSent: (share: number) => void;
  finish: (result: FileResult) => void;
  fail: (error: Error) => void;
  signal: AbortSignal;
}

function queue() {
  const sendings: Sending[] = [];
  let changes = 0;
  const uploads = createUploadQueue<string>({
    concurrency: 2,
    onChange: () => (changes += 1),
    send(id, _source, onSent, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<FileResult>();
      signal.addEventListener("abort", () => reject(signal.reason));
      sendings.push({ id, onSent, signal, finish: resolve, fail: reject });
      return promise;
    },
  });
  const states = () => uploads.items().map(({ id, state }) => `${id} ${state.kind}`);
  return { uploads, sendings, states, changes: () => changes };
}

const sources = (...ids: string[]) => ids.map((id) => ({ id, source: id }));
const stored = (id: string): FileResult => ({ id, status: "created", chunks: 1, left_out: [], trace_id: "" });

it("sends a few at a time, says how far each is, and goes on with the next when one is done", async () => {
  const { uploads, sendings, states } = queue();
  uploads.add([...sources("a", "b", "c"), { id: "d", skipped: "no" }]);
  expect(states()).toEqual(["a uploading", "b uploading", "c waiting", "d skipped"]);
  sendings[0]?.onSent(0.5);
  expect(uploads.items()[0]?.state).toEqual({ kind: "uploading", sent: 0.5 });
  sendings[0]?.onSent(1);
  expect(states()[0]).toBe("a reading");
  sendings[0]?.finish(stored("a"));
  await expect.poll(states).toEqual(["a stored", "b uploading", "c uploading", "d skipped"]);
  sendings[1]?.finish({ id: "b", status: "failed", reason: "damaged" });
  sendings[2]?.fail(new Error("no response"));
  await expect.poll(states).toEqual(["a stored", "b failed", "c failed", "d skipped"]);
  const [, b, c] = uploads.items();
  expect([b?.state, c?.state]).toMatchObject([{ reason: "damaged" }, { reason: "no response" }]);
});

it("cancels one, or all, and sends again what failed or was cancelled", async () => {
  const { uploads, sendings, states } = queue();
  uploads.add(sources("a", "b", "c", "d"));
  const [a, , , d] = uploads.items();
  uploads.cancel(d?.key);
  expect(states()[3]).toBe("d cancelled");
  uploads.cancel(a?.key);
  await expect.poll(states).toEqual(["a cancelled", "b uploading", "c uploading", "d cancelled"]);
  uploads.cancel();
  await expect.poll(states).toEqual(["a cancelled", "b cancelled", "c cancelled", "d cancelled"]);
  expect(sendings.every(({ signal }) => signal.aborted)).toBe(true);
  uploads.retry();
  expect(states()).toEqual(["a uploading", "b uploading", "c waiting", "d waiting"]);
});

it("clears what is done, and replaces only the items that change", async () => {
  const { uploads, sendings, states } = queue();
  uploads.add(sources("a", "b"));
  const before = uploads.items()[1];
  sendings[0]?.finish(stored("a"));
  await expect.poll(states).toEqual(["a stored", "b uploading"]);
  expect(uploads.items()[1]).toBe(before);
  uploads.clear();
  expect(states()).toEqual(["b uploading"]);
});

it("shows failures first and then what is going on, and sums it up", () => {
  const { uploads } = queue();
  uploads.add([{ id: "s", skipped: "x" }, ...sources("a", "b", "c"), { id: "f", failed: "x" }]);
  expect(inOrderOfUrgency(uploads.items()).map(({ id }) => id)).toEqual(["f", "a", "b", "c", "s"]);
  expect(summaryOf(countByKind(uploads.items()))).toBe("3 to go, 1 failed, 1 skipped");
});
