import type { ServerOptions } from "#http/app.ts";

/**
 * Fair scheduling for a process that serves concurrent requests: starts one request per turn of the event loop, in order
 * of arrival.
 *
 * The embedded parts compute without yielding, so all requests that arrived together would be served within one turn. That
 * turn takes as long as all of them, and everything that needs several turns waits as long each time: embeddings that are
 * not cached, and new connections, of which libuv accepts one per turn (libuv/libuv#3696). Measured with 64 clients: the
 * last one connected after 23 s.
 *
 * The wait is part of the server span.
 */
export function scheduleFairly(serve: ServerOptions["serve"]): ServerOptions["serve"] {
  let last = Promise.resolve();
  return (request, invocation, respond) =>
    serve(request, invocation, async (trace) => {
      last = last.then(nextTurn);
      await last;
      return respond(trace);
    });
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
