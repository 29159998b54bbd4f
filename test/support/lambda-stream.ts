import { Writable } from "node:stream";

/** What a function URL's caller gets, as far as it has come. */
export interface SimulatedStream extends Writable {
  /** Status and headers; `undefined` until they are sent. */
  readonly head: { statusCode: number; headers: Record<string, string> } | undefined;
  /** The body so far. */
  readonly body: string;
}

/**
 * Lambda's response stream: what `awslambda.HttpResponseStream` writes before the first byte is kept apart.
 *
 * @param onWrite called for each piece; the next one is asked for when it settles
 */
export function simulateStream(onWrite: (stream: SimulatedStream) => unknown = () => {}): SimulatedStream {
  const state: { head: SimulatedStream["head"]; body: string } = { head: undefined, body: "" };
  const stream = new Writable({
    // A stream that is full after one piece.
    highWaterMark: 1,
    write(chunk: Buffer, _encoding, done) {
      state.head ??= HEADS.get(stream);
      state.body += chunk.toString();
      Promise.resolve(onWrite(played)).then(() => done(), done);
    },
  });
  const played = Object.defineProperties(stream, {
    head: { get: () => state.head },
    body: { get: () => state.body },
  }) as SimulatedStream;
  return played;
}

const HEADS = new WeakMap<Writable, NonNullable<SimulatedStream["head"]>>();

/** `awslambda`, as the runtime client defines it. */
export const simulatedRuntime = {
  streamifyResponse: <Handler>(handler: Handler): Handler => handler,
  HttpResponseStream: {
    from(stream: Writable, metadata: Record<string, unknown>): Writable {
      HEADS.set(stream, metadata as NonNullable<SimulatedStream["head"]>);
      return stream;
    },
  },
};
