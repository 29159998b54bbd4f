import { once } from "node:events";
import { createConnection } from "node:net";

/** A reply of Redis; an error reply is an Error, also inside an array. */
export type Reply = Buffer | string | number | null | Error | Reply[];

export interface RedisConnection {
  /** Sends commands in one write, so that no other command comes between them. Resolves with their replies in order. */
  send(commands: readonly (readonly string[])[]): Promise<Reply[]>;
  close(): void;
}

interface PendingBatch {
  missing: number;
  replies: Reply[];
  resolve(replies: Reply[]): void;
  reject(error: Error): void;
}

/** One connection to a Redis server, speaking RESP2 (https://redis.io/docs/latest/develop/reference/protocol-spec). */
export async function connectRedis(socketPath: string): Promise<RedisConnection> {
  const socket = createConnection(socketPath);
  await once(socket, "connect");
  const queue: PendingBatch[] = [];
  let received: Buffer = Buffer.alloc(0);

  socket.on("data", (bytes) => {
    received = Buffer.concat([received, bytes]);
    let start = 0;
    for (let parsed = parse(received, 0); parsed; parsed = parse(received, start)) {
      start = parsed.end;
      const first = queue[0];
      if (!first) break;
      first.replies.push(parsed.reply);
      first.missing -= 1;
      if (first.missing === 0) queue.shift()?.resolve(first.replies);
    }
    received = received.subarray(start);
  });
  socket.on("error", () => {}); // "close" follows
  socket.on("close", () => {
    for (const { reject } of queue.splice(0)) reject(new Error("the connection to redis-server was closed"));
  });

  return {
    send(commands) {
      if (commands.length === 0) return Promise.resolve([]);
      return new Promise((resolve, reject) => {
        if (socket.destroyed) return reject(new Error("the connection to redis-server is closed"));
        queue.push({ missing: commands.length, replies: [], resolve, reject });
        socket.write(commands.map(encode).join(""));
      });
    },
    close: () => void socket.destroy(),
  };
}

function encode(command: readonly string[]): string {
  return `*${command.length}\r\n${command.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`;
}

/** The reply at `start` and its end; `undefined` while it is incomplete. */
function parse(bytes: Buffer, start: number): { reply: Reply; end: number } | undefined {
  const lineEnd = bytes.indexOf("\r\n", start);
  if (lineEnd < 0) return undefined;
  const type = String.fromCharCode(bytes[start] ?? 0);
  const line = bytes.toString("utf8", start + 1, lineEnd);
  const end = lineEnd + 2;
  switch (type) {
    case "+":
      return { reply: line, end };
    case "-":
      return { reply: new Error(line), end };
    case ":":
      return { reply: Number(line), end };
    case "$":
      return parseBulk(bytes, end, Number(line));
    case "*":
      return parseArray(bytes, end, Number(line));
    default:
      throw new Error(`redis-server sent a reply of unknown type "${type}"`);
  }
}

function parseBulk(bytes: Buffer, start: number, length: number): { reply: Reply; end: number } | undefined {
  if (length < 0) return { reply: null, end: start };
  const end = start + length;
  return bytes.length < end + 2 ? undefined : { reply: Buffer.from(bytes.subarray(start, end)), end: end + 2 };
}

function parseArray(bytes: Buffer, start: number, length: number): { reply: Reply; end: number } | undefined {
  if (length < 0) return { reply: null, end: start };
  const items: Reply[] = [];
  let end = start;
  while (items.length < length) {
    const item = parse(bytes, end);
    if (!item) return undefined;
    items.push(item.reply);
    end = item.end;
  }
  return { reply: items, end };
}
