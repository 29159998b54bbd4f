import { AbandonedError } from "#rag/errors.ts";

/** Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html */

export interface EventStream {
  readonly body: ReadableStream<Uint8Array>;
  /** Aborted when whoever reads the body has gone. */
  readonly gone: AbortSignal;
  /** Queues an event; nothing once the stream is closed. */
  send(event: string, data: unknown): void;
  close(): void;
}

export function createEventStream(): EventStream {
  const gone = new AbortController();
  const encoder = new TextEncoder();
  let open: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      open = controller;
    },
    cancel() {
      open = undefined;
      gone.abort(new AbandonedError());
    },
  });

  return {
    body,
    gone: gone.signal,
    send(event, data) {
      // JSON has no line breaks of its own: an event is one line of data.
      open?.enqueue(encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`));
    },
    close() {
      open?.close();
      open = undefined;
    },
  };
}
