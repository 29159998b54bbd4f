import { settlesWithin } from "#async/time-limit.ts";
import type { Stage } from "#rag/errors.ts";
import type { Call } from "#rag/ports.ts";

/** A message of a queue as it was delivered. */
export interface Message {
  id: string;
  /** The queue's name. */
  queue: string;
  body: string;
  /** How often it has been delivered, this time included. */
  deliveries: number;
  /** W3C `traceparent` of whoever sent it. */
  traceparent?: string;
  /** Whose documents it has. */
  tenant?: string;
}

/** What is wrong with a field of a message. */
export interface FieldError {
  /** RFC 6901 JSON Pointer into the body; "" is the body itself. */
  path: string;
  message: string;
}

/** What is known of the invocation that delivers messages. */
export interface Delivery {
  coldStart: boolean;
  /** Milliseconds until the invocation ends; no limit when absent. */
  timeLeftMs?: number;
}

/** The trace of a message. */
export interface MessageTrace {
  /** 32 lower-case hex digits. */
  traceId: string;
  /** W3C `traceparent` of the consumer span. */
  traceparent: string;
  /** Ends what is still open below the consumer span, as timed out. */
  expire(): void;
}

export interface MessageErrorOptions extends ErrorOptions {
  stage?: Stage;
  /** What telemetry calls it; the cause's code when absent. */
  code?: "invalid_message" | "deadline";
  errors?: readonly FieldError[];
}

/** A message that was not processed. The error's message may be logged: it quotes nothing that somebody wrote. */
export class MessageError extends Error {
  override readonly name = "MessageError";
  readonly code?: "invalid_message" | "deadline";
  readonly stage: Stage | undefined;
  readonly errors: readonly FieldError[] | undefined;

  constructor(reason: string, { code, stage, errors, ...options }: MessageErrorOptions = {}) {
    super(reason, options);
    if (code !== undefined) this.code = code;
    this.stage = stage;
    this.errors = errors;
  }

  /** Whether it fails every time it is delivered. */
  get isLasting(): boolean {
    return this.code === "invalid_message";
  }
}

/** Does what a message asks for. When it throws, the message is delivered again. */
export type ProcessMessage = (message: Message, call: Call) => Promise<void>;

/** How the processing of a message ended. */
export interface MessageOutcome<Invocation extends Delivery> {
  message: Message;
  durationMs: number;
  /** Why the message is delivered again. */
  error?: unknown;
  trace: Pick<MessageTrace, "traceId" | "traceparent">;
  invocation: Omit<Invocation, "timeLeftMs">;
}

export interface ConsumerOptions<Invocation extends Delivery> {
  process: ProcessMessage;
  /** Runs the processing of a message inside a trace. */
  consume(
    message: Message,
    invocation: Omit<Invocation, "timeLeftMs">,
    process: (trace: MessageTrace) => Promise<void>,
  ): Promise<void>;
  /** Told of every message, before its span ends. */
  onDone(outcome: MessageOutcome<Invocation>): void;
}

/** @returns those of the messages that have to be delivered again. Never rejects. */
export type ConsumeMessages<Invocation extends Delivery> = (
  messages: readonly Message[],
  invocation: Invocation,
) => Promise<Message[]>;

/**
 * Processes the messages of a batch one after the other, until the time is up. Those that were delivered most often go
 * first: a message that waits in vain each time would end in the dead-letter queue without ever having been tried.
 */
export function createConsumer<Invocation extends Delivery>({
  process,
  consume,
  onDone,
}: ConsumerOptions<Invocation>): ConsumeMessages<Invocation> {
  return async (messages, { timeLeftMs = Number.POSITIVE_INFINITY, ...invocation }) => {
    const deadline = Date.now() + timeLeftMs;
    const failed: Message[] = [];
    for (const [index, message] of messages.toSorted((a, b) => b.deliveries - a.deliveries).entries()) {
      // Only what comes first waited for the start.
      const own = index === 0 ? invocation : { ...invocation, coldStart: false };
      try {
        await consume(message, own, async (trace) => {
          const started = performance.now();
          const error = await tryWithin(deadline, trace.expire, (call) => process(message, call));
          const durationMs = performance.now() - started;
          onDone({ message, durationMs, trace, invocation: own, ...(error !== undefined && { error }) });
          if (error !== undefined) throw error;
        });
      } catch {
        failed.push(message);
      }
    }
    return failed;
  };
}

/** @returns what went wrong, if anything */
async function tryWithin(deadline: number, expire: () => void, run: (call: Call) => Promise<void>): Promise<unknown> {
  if (Date.now() >= deadline) return late("the time was up before it was begun");
  const timeUp = new AbortController();
  try {
    const work = run({ signal: timeUp.signal, ...(Number.isFinite(deadline) && { deadline }) });
    if (await settlesWithin(work, deadline - Date.now())) return undefined;
    expire();
    const error = late("the time was up before it was done");
    timeUp.abort(error);
    return error;
  } catch (error) {
    return error ?? new Error("nothing was thrown");
  }
}

function late(reason: string): MessageError {
  return new MessageError(reason, { code: "deadline", stage: "deadline" });
}
