import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { isStreamed, readStreamed } from "./streamed-answer.ts";

/** A timestamped event; `at` is `performance.now()` of this process, in milliseconds. */
export interface Mark {
  what:
    | "registered"
    | "runtime-next"
    | "extension-next"
    | "delivered"
    /** The status of a streamed response has arrived. */
    | "streaming"
    /** The response is complete. */
    | "responded"
    | "errored"
    | "idle"
    | "frozen"
    | "thawed"
    | "killed"
    | "exited";
  at: number;
  requestId?: string;
}

export interface Delivery {
  requestId: string;
  event: unknown;
  /** Unix milliseconds. */
  deadlineMs: number;
  arn: string;
  /** `X-Amzn-Trace-Id`. */
  traceId: string;
}

export interface Listener {
  /** Called when the runtime posts a response to an invocation, or reports that its handler threw (`failed`). */
  onResponse(requestId: string, failed: boolean, body: unknown): void;
  /** Called when the runtime and every registered extension wait for the next event: the point where Lambda freezes. */
  onIdle(): void;
  onInitError(body: unknown): void;
}

interface Extension {
  events: string[];
  waiting?: ServerResponse;
}

/**
 * Lambda's Runtime API (2018-06-01) and Extensions API (2020-01-01) for one environment with internal extensions, on a
 * free loopback port. Error responses and the allowed order of calls match AWS's runtime interface emulator.
 */
export class RuntimeApi {
  readonly marks: Mark[] = [];
  readonly #server: Server;
  readonly #listener: Listener;
  readonly #refusesExtensions: boolean;
  readonly #extensions = new Map<string, Extension>();
  #runtimeWaiting: ServerResponse | undefined;
  #initialized = false;

  constructor(listener: Listener, { refusesExtensions = false } = {}) {
    this.#listener = listener;
    this.#refusesExtensions = refusesExtensions;
    this.#server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
      this.#route(request, response).catch((error) => refuse(response, 400, "InvalidRequest", String(error)));
    });
  }

  /** @returns `host:port` for `AWS_LAMBDA_RUNTIME_API`. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** Without an extension, Lambda kills an environment without SIGTERM. */
  get hasExtension(): boolean {
    return this.#extensions.size > 0;
  }

  mark(what: Mark["what"], requestId?: string): number {
    const at = performance.now();
    this.marks.push({ what, at, ...(requestId !== undefined && { requestId }) });
    return at;
  }

  /**
   * Delivers an invocation to the runtime and to the extensions registered for INVOKE.
   *
   * @returns the time of delivery in milliseconds of `performance.now()`.
   * @throws Error when the runtime is not waiting for an invocation.
   */
  deliver({ requestId, event, deadlineMs, arn, traceId }: Delivery): number {
    const runtime = this.#runtimeWaiting;
    if (!runtime) throw new Error("the runtime is not waiting for an invocation");
    this.#runtimeWaiting = undefined;
    const tracing = { type: "X-Amzn-Trace-Id", value: traceId };
    for (const extension of this.#extensions.values()) {
      if (!extension.events.includes("INVOKE")) continue;
      const { waiting } = extension;
      delete extension.waiting;
      send(waiting, 200, { eventType: "INVOKE", deadlineMs, requestId, invokedFunctionArn: arn, tracing });
    }
    const at = this.mark("delivered", requestId);
    send(runtime, 200, event, {
      "Lambda-Runtime-Aws-Request-Id": requestId,
      "Lambda-Runtime-Deadline-Ms": String(deadlineMs),
      "Lambda-Runtime-Invoked-Function-Arn": arn,
      "Lambda-Runtime-Trace-Id": traceId,
    });
    return at;
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = `${request.method} ${request.url}`;
    const [, requestId = "", verb] =
      /^POST \/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/.exec(route) ?? [];
    if (verb === "response" && isStreamed(request)) {
      const streamed = await readStreamed(request, () => this.mark("streaming", requestId));
      const failed = streamed.error !== undefined;
      this.mark(failed ? "errored" : "responded", requestId);
      send(response, 202, { status: "OK" });
      return this.#listener.onResponse(requestId, failed, streamed);
    }
    if (verb) {
      // The runtime client blocks until it receives the 202: take the time and respond at once.
      this.mark(verb === "error" ? "errored" : "responded", requestId);
      const body = await json(request);
      send(response, 202, { status: "OK" });
      return this.#listener.onResponse(requestId, verb === "error", body);
    }
    switch (route) {
      case "GET /2018-06-01/runtime/invocation/next":
        this.mark("runtime-next");
        this.#initialized = true;
        this.#runtimeWaiting = response;
        return this.#checkIdle();
      case "POST /2018-06-01/runtime/init/error":
        this.#listener.onInitError(await json(request));
        return send(response, 202, { status: "OK" });
      case "POST /2020-01-01/extension/register":
        return this.#register(request, response);
      case "GET /2020-01-01/extension/event/next":
        return this.#extensionNext(request, response);
      default:
        return refuse(response, 404, "NotFound", route);
    }
  }

  async #register(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { events = [] } = (await json(request)) as { events?: string[] };
    if (!request.headers["lambda-extension-name"]) {
      return refuse(response, 403, "Extension.InvalidExtensionName", "Empty extension name");
    }
    const invalid = events.find((event) => event !== "INVOKE");
    if (invalid) return refuse(response, 403, "Extension.InvalidEventType", `${invalid}: not for internal extensions`);
    if (this.#refusesExtensions || this.#initialized) {
      return refuse(response, 403, "Extension.RegistrationClosed", "Extension registration closed already");
    }
    const id = crypto.randomUUID();
    this.#extensions.set(id, { events });
    this.mark("registered");
    const body = { functionName: "edge-rag", functionVersion: "$LATEST", handler: "" };
    send(response, 200, body, { "Lambda-Extension-Identifier": id });
  }

  #extensionNext(request: IncomingMessage, response: ServerResponse): void {
    const extension = this.#extensions.get(String(request.headers["lambda-extension-identifier"]));
    if (!extension || extension.waiting) {
      const error = extension ? "InvalidExtensionState" : "UnknownExtensionIdentifier";
      refuse(response, 403, `Extension.${error}`, "Unknown extension, or already waiting");
      return;
    }
    this.mark("extension-next");
    extension.waiting = response;
    this.#checkIdle();
  }

  #checkIdle(): void {
    if (!this.#runtimeWaiting || [...this.#extensions.values()].some(({ waiting }) => !waiting)) return;
    this.mark("idle");
    this.#listener.onIdle();
  }
}

function send(response: ServerResponse | undefined, status: number, body: unknown, headers = {}): void {
  response?.writeHead(status, { "Content-Type": "application/json", ...headers }).end(JSON.stringify(body));
}

function refuse(response: ServerResponse, status: number, errorType: string, errorMessage: string): void {
  send(response, status, { errorType, errorMessage });
}
