/**
 * Imported by the processes of the emulator's functions: the `awslambda` global of AWS' runtime, which the emulator lacks.
 * A streamed response reaches the caller at once, when it is complete.
 */
import type { Writable } from "node:stream";
import { simulatedRuntime, simulateStream } from "../support/lambda-stream.ts";

type Handler = (event: unknown, stream: Writable, context: unknown) => Promise<void>;

/** Between the head, in JSON, and the body, in AWS' format of a streamed response, which the emulator does know. */
const SEPARATOR = "\0".repeat(8);

Object.assign(globalThis, {
  awslambda: {
    ...simulatedRuntime,
    streamifyResponse: (handler: Handler) => async (event: unknown, context: unknown) => {
      const stream = simulateStream();
      await handler(event, stream, context);
      return `${JSON.stringify(stream.head)}${SEPARATOR}${stream.body}`;
    },
  },
});
