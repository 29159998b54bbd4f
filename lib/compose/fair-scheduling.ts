import type { ServerOptions } from "#http/app.ts";

/**
 * Lets one request begin per turn of the event loop, in the order they came, where one process serves many at once.
 *
 * The embedded parts compute without giving way, so all requests that arrived together would be answered within one
 * turn. It then takes as long as all of them, and whoever needs several turns waits that long each time: an embedding
 * that is not cached, and a new connection, of which libuv accepts one per turn (libuv/libuv#3696). Measured with 64
 * clients: the last one connected after 23 s.
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
