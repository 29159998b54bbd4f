import { describe, expect, it } from "vitest";
import { readServerEvents } from "#console/page/ask/server-events.ts";

async function read(bytes: Uint8Array, size: number): Promise<string[]> {
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.slice(at * size, (at + 1) * size),
  );
  const events: string[] = [];
  for await (const { event, data } of readServerEvents(ReadableStream.from(pieces))) events.push(`${event}=${data}`);
  return events;
}

const TEXT =
  ': hello\n\nevent: delta\ndata: {"text":"é🙂"}\n\nevent:done\r\ndata:a\r\ndata: b\r\n\r\ndata: c\r\rid: 7\n\nevent: cut\ndata: off';

describe("readServerEvents", () => {
  it.each([1, 2, 3, 7, 1_000])("reads events that arrive in pieces of %i bytes", async (size) => {
    const events = await read(new TextEncoder().encode(TEXT), size);
    expect(events).toEqual(['delta={"text":"é🙂"}', "done=a\nb", "message=c"]);
  });

  it("cancels the response when its reader goes", async () => {
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new TextEncoder().encode("data: x\n\n")),
      cancel: () => {
        cancelled = true;
      },
    });
    for await (const _ of readServerEvents(endless)) break;
    expect(cancelled).toBe(true);
  });
});
