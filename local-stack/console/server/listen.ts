import { createServer, type RequestListener, type Server } from "node:http";

/**
 * Listens on loopback: on 127.0.0.1 and, where the machine has IPv6, on ::1, since "localhost" is either.
 *
 * @throws Error with the code EADDRINUSE when another process has the port on either
 */
export async function listenOnLoopback(listener: RequestListener, port: number): Promise<Server[]> {
  const first = await listen(listener, port, "127.0.0.1");
  try {
    return [first, await listen(listener, port, "::1")];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") return [first];
    first.close();
    throw error;
  }
}

function listen(listener: RequestListener, port: number, host: string): Promise<Server> {
  const { promise, resolve, reject } = Promise.withResolvers<Server>();
  const server = createServer(listener);
  server.once("error", reject);
  server.listen(port, host, () => resolve(server));
  return promise;
}
