import { Writable } from "node:stream";

/** What the caller of a function URL has received so far. */
export interface SimulatedStream extends Writable {
  /** Status and headers; `undefined` until they are sent. */
  readonly head: { statusCode: number; headers: Record<string, string> } | undefined;
  /** The body so far. */
  readonly body: string;
}

/**
 * A simulated response stream of Lambda. Separates the head that `awslambda.HttpResponseStream` sets from the body.
 *
 * @param onWrite Called with each chunk; the next one is requested when its promise settles.
 */
export function simulateStream(onWrite: (stream: SimulatedStream) => unknown = () => {}): SimulatedStream {
  const state: { head: SimulatedStream["head"]; body: string } = { head: undefined, body: "" };
  const stream = new Writable({
    // Full after one chunk.
    highWaterMark: 1,
    write(chunk: Buffer, _encoding, done) {
      state.head ??= HEADS.get(stream);
      state.body += chunk.toString();
      Promise.resolve(onWrite(simulated)).then(() => done(), done);
    },
  });
  const simulated = Object.defineProperties(stream, {
    head: { get: () => state.head },
    body: { get: () => state.body },
  }) as SimulatedStream;
  return simulated;
}

const HEADS = new WeakMap<Writable, NonNullable<SimulatedStream["head"]>>();

/** The `awslambda` global that the runtime client defines. */
export const simulatedRuntime = {
  streamifyResponse: <Handler>(handler: Handler): Handler => handler,
  HttpResponseStream: {
    from(stream: Writable, metadata: Record<string, unknown>): Writable {
      HEADS.set(stream, metadata as NonNullable<SimulatedStream["head"]>);
      return stream;
    },
  },
};
