import { AbandonedError } from "#rag/errors.ts";

/** Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html */

export interface EventStream {
  readonly body: ReadableStream<Uint8Array>;
  /** Aborted when the reader cancels the body. */
  readonly cancelled: AbortSignal;
  /** Queues an event and returns its size in bytes; does nothing once the stream is closed. */
  send(event: string, data: unknown): number;
  close(): void;
}

export function createEventStream(): EventStream {
  const cancelled = new AbortController();
  const encoder = new TextEncoder();
  let open: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      open = controller;
    },
    cancel() {
      open = undefined;
      cancelled.abort(new AbandonedError());
    },
  });

  return {
    body,
    cancelled: cancelled.signal,
    send(event, data) {
      // JSON.stringify emits no line breaks, so one data line is enough.
      const bytes = encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
      open?.enqueue(bytes);
      return bytes.length;
    },
    close() {
      open?.close();
      open = undefined;
    },
  };
}
