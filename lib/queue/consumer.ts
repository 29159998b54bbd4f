import { settlesWithin } from "#async/time-limit.ts";
import type { Stage } from "#rag/errors.ts";
import type { Call } from "#rag/ports.ts";

/** A message as delivered by a queue. */
export interface Message {
  id: string;
  /** `messaging.system.name` of the queue's service. */
  system: string;
  /** The queue's name. */
  queue: string;
  body: string;
  /** How often it was delivered, including this time. */
  deliveries: number;
  /** W3C `traceparent` of the sender. */
  traceparent?: string;
  /** The tenant that owns its documents. */
  tenant?: string;
}

/** A field of a message that failed validation. */
export interface FieldError {
  /** RFC 6901 JSON Pointer into the body; "" is the body itself. */
  path: string;
  message: string;
}

/** The invocation that delivers messages. */
export interface Delivery {
  coldStart?: boolean;
  /** Milliseconds until the invocation ends; no limit when absent. */
  timeLeftMs?: number;
}

/** The trace of a message. */
export interface MessageTrace {
  /** 32 lower-case hex digits. */
  traceId: string;
  /** W3C `traceparent` of the consumer span. */
  traceparent: string;
  /** Ends the spans that are still open below the consumer span, as timed out. */
  expire(): void;
}

export interface MessageErrorOptions extends ErrorOptions {
  stage?: Stage;
  /** `error.type` in telemetry; when absent, the code of the cause is used. */
  code?: "invalid_message" | "deadline";
  errors?: readonly FieldError[];
}

/** Processing a message failed. The error's message is safe to log: it never quotes content of the message. */
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

  /** Whether it fails on every delivery. */
  get isPermanent(): boolean {
    return this.code === "invalid_message";
  }
}

/** Processes a message. When it throws, the message is redelivered. */
export type ProcessMessage = (message: Message, call: Call) => Promise<void>;

/** How the processing of a message ended. */
export interface MessageOutcome<Invocation extends Delivery> {
  message: Message;
  durationMs: number;
  /** Why processing failed; absent on success. */
  error?: unknown;
  trace: Pick<MessageTrace, "traceId" | "traceparent">;
  invocation: Omit<Invocation, "timeLeftMs">;
}

export interface ConsumerOptions<Invocation extends Delivery> {
  process: ProcessMessage;
  /** Processes a message inside a consumer span. */
  consume(
    message: Message,
    invocation: Omit<Invocation, "timeLeftMs">,
    process: (trace: MessageTrace) => Promise<void>,
  ): Promise<void>;
  /** Called after each message, before its span ends. */
  onDone(outcome: MessageOutcome<Invocation>): void;
}

/** @returns the messages to redeliver. Never rejects. */
export type ConsumeMessages<Invocation extends Delivery> = (
  messages: readonly Message[],
  invocation: Invocation,
) => Promise<Message[]>;

/**
 * Processes the messages of a batch in sequence, until the time is up. Messages with the most deliveries go first: otherwise
 * one that times out while waiting, every time, would reach the dead-letter queue without ever having been processed.
 */
export function createConsumer<Invocation extends Delivery>({
  process,
  consume,
  onDone,
}: ConsumerOptions<Invocation>): ConsumeMessages<Invocation> {
  return async (messages, { timeLeftMs = Number.POSITIVE_INFINITY, ...invocation }) => {
    let deadline = Date.now() + timeLeftMs;
    const failed: Message[] = [];
    for (const [index, message] of messages.toSorted((a, b) => b.deliveries - a.deliveries).entries()) {
      // Only the first message waited for the cold start.
      const delivery = index === 0 ? invocation : { ...invocation, coldStart: false };
      try {
        await consume(message, delivery, async (trace) => {
          const started = performance.now();
          const expire = () => {
            trace.expire();
            // A timer may fire a millisecond before the clock shows its time.
            deadline = Math.min(deadline, Date.now());
          };
          const error = await tryWithin(deadline, expire, (call) => process(message, call));
          const durationMs = performance.now() - started;
          onDone({ message, durationMs, trace, invocation: delivery, ...(error !== undefined && { error }) });
          if (error !== undefined) throw error;
        });
      } catch {
        failed.push(message);
      }
    }
    return failed;
  };
}

/** @returns the error, or `undefined` on success */
async function tryWithin(deadline: number, expire: () => void, run: (call: Call) => Promise<void>): Promise<unknown> {
  if (Date.now() >= deadline) return deadlineError("the invocation ran out of time before the message was processed");
  const timeUp = new AbortController();
  try {
    const work = run({ signal: timeUp.signal, ...(Number.isFinite(deadline) && { deadline }) });
    if (await settlesWithin(work, deadline - Date.now())) return undefined;
    expire();
    const error = deadlineError("the invocation ran out of time while the message was processed");
    timeUp.abort(error);
    return error;
  } catch (error) {
    return error ?? new Error("processing rejected without an error");
  }
}

function deadlineError(reason: string): MessageError {
  return new MessageError(reason, { code: "deadline", stage: "deadline" });
}
