import { AbandonedError } from "#rag/errors.ts";

/** Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html */

export interface EventStream {
  readonly body: ReadableStream<Uint8Array>;
  /** Aborted when the reader goes. */
  readonly cancelled: AbortSignal;
  /** Queues an event and returns its size in bytes; does nothing once the stream is closed. */
  send(event: string, data: unknown): number;
  /** As `send`, for an event that has no name; a text is sent as it is and must have no line break. */
  sendData(data: unknown): number;
  close(): void;
}

/** @param disconnected aborted when the reader goes, where that does not cancel the body */
export function createEventStream(disconnected?: AbortSignal): EventStream {
  const cancelled = new AbortController();
  const encoder = new TextEncoder();
  let open: ReadableStreamDefaultController<Uint8Array> | undefined;
  const abandon = () => {
    open = undefined;
    cancelled.abort(new AbandonedError());
  };
  disconnected?.addEventListener("abort", abandon, { once: true });
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      open = controller;
    },
    cancel: abandon,
  });
  const write = (text: string): number => {
    const bytes = encoder.encode(`${text}\n\n`);
    open?.enqueue(bytes);
    return bytes.length;
  };

  return {
    body,
    cancelled: cancelled.signal,
    // JSON.stringify emits no line breaks, so one data line is enough.
    send: (event, data) => write(`event: ${event}\ndata: ${JSON.stringify(data)}`),
    sendData: (data) => write(`data: ${typeof data === "string" ? data : JSON.stringify(data)}`),
    close() {
      open?.close();
      open = undefined;
    },
  };
}
