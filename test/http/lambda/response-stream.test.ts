import { expect, it, vi } from "vitest";
import { sendResponse } from "#http/lambda/response-stream.ts";
import { simulatedRuntime, simulateStream } from "../../support/lambda-stream.ts";

/** A body that the test writes, with a spy for its cancellation. */
function controlledBody() {
  const cancel = vi.fn();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(bodyController) {
      controller = bodyController;
    },
    cancel,
  });
  return {
    body,
    cancel,
    write: (text: string) => controller?.enqueue(new TextEncoder().encode(text)),
    end: () => controller?.close(),
    fail: (error: Error) => controller?.error(error),
  };
}

it("sends status and headers before the body, and each piece at once", async () => {
  const { body, write, end } = controlledBody();
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
  write("one ");
  await vi.waitFor(() => expect(stream.body).toBe("one "));
  write("two");
  await vi.waitFor(() => expect(stream.body).toBe("one two"));
  expect(stream.writableEnded).toBe(false);
  end();
  await sent;
  expect(stream.writableFinished).toBe(true);
});

it("sends a response without a body", async () => {
  const stream = simulateStream();
  await sendResponse(new Response(null, { status: 204 }), stream, simulatedRuntime);
  expect(stream).toMatchObject({ head: { statusCode: 204 }, body: "", writableFinished: true });
});

it.each([
  ["disconnects", undefined],
  ["loses its connection", new Error("ECONNRESET")],
])("cancels the body when its reader %s", async (_, error) => {
  const { body, cancel, write } = controlledBody();
  const stream = simulateStream((stream) => {
    if (stream.body) stream.destroy(error);
  });
  const sent = sendResponse(new Response(body), stream, simulatedRuntime);
  write("one");
  await sent;
  await vi.waitFor(() => expect(cancel).toHaveBeenCalledOnce());
});

it("cancels the body when its reader has already disconnected", async () => {
  const { body, cancel } = controlledBody();
  const stream = simulateStream();
  stream.on("error", () => {});
  stream.destroy();
  await sendResponse(new Response(body), stream, simulatedRuntime);
  await vi.waitFor(() => expect(cancel).toHaveBeenCalledOnce());
});

it("destroys the stream when the body fails", async () => {
  const { body, write, fail } = controlledBody();
  const stream = simulateStream();
  const sent = sendResponse(new Response(body), stream, simulatedRuntime);
  write("one");
  await vi.waitFor(() => expect(stream.body).toBe("one"));
  fail(new Error("oops"));
  await sent;
  expect(stream).toMatchObject({ destroyed: true, writableFinished: false });
});
