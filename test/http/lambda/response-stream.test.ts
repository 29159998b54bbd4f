import { expect, it, vi } from "vitest";
import { sendResponse } from "#http/lambda/response-stream.ts";
import { simulatedRuntime, simulateStream } from "../../support/lambda-stream.ts";

/** A body that a test feeds, and that notes who stops reading it. */
function fedBody() {
  const cancel = vi.fn();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
    },
    cancel,
  });
  return {
    body,
    cancel,
    feed: (text: string) => controller?.enqueue(new TextEncoder().encode(text)),
    end: () => controller?.close(),
    fail: (error: Error) => controller?.error(error),
  };
}

it("sends status and headers before there is a body, and each piece as it comes", async () => {
  const { body, feed, end } = fedBody();
  const stream = simulateStream();
  const sent = sendResponse(
    new Response(body, { status: 201, headers: { "content-type": "text/event-stream" } }),
    stream,
    simulatedRuntime,
  );
  await vi.waitFor(() =>
    expect(stream.head).toEqual({ statusCode: 201, headers: { "content-type": "text/event-stream" } }),
  );
  expect(stream.body).toBe("");
  feed("one ");
  await vi.waitFor(() => expect(stream.body).toBe("one "));
  feed("two");
  await vi.waitFor(() => expect(stream.body).toBe("one two"));
  expect(stream.writableEnded).toBe(false);
  end();
  await sent;
  expect(stream.writableFinished).toBe(true);
});

it("sends what has no body", async () => {
  const stream = simulateStream();
  await sendResponse(new Response(null, { status: 204 }), stream, simulatedRuntime);
  expect(stream).toMatchObject({ head: { statusCode: 204 }, body: "", writableFinished: true });
});

it.each([
  ["goes away", undefined],
  ["is cut off", new Error("ECONNRESET")],
])("cancels the body when its reader %s", async (_, error) => {
  const { body, cancel, feed } = fedBody();
  const stream = simulateStream((stream) => {
    if (stream.body) stream.destroy(error);
  });
  const sent = sendResponse(new Response(body), stream, simulatedRuntime);
  feed("one");
  await sent;
  await vi.waitFor(() => expect(cancel).toHaveBeenCalledOnce());
});

it("cancels the body when its reader is gone beforehand", async () => {
  const { body, cancel } = fedBody();
  const stream = simulateStream();
  stream.on("error", () => {});
  stream.destroy();
  await sendResponse(new Response(body), stream, simulatedRuntime);
  await vi.waitFor(() => expect(cancel).toHaveBeenCalledOnce());
});

it("ends a response whose body fails, as broken off", async () => {
  const { body, feed, fail } = fedBody();
  const stream = simulateStream();
  const sent = sendResponse(new Response(body), stream, simulatedRuntime);
  feed("one");
  await vi.waitFor(() => expect(stream.body).toBe("one"));
  fail(new Error("oops"));
  await sent;
  expect(stream).toMatchObject({ destroyed: true, writableFinished: false });
});
