import type { Reply } from "./redis-connection.ts";
import type { RunCommands } from "./upstash-server.ts";

export interface MemoryRedis {
  run: RunCommands;
  /** Value by key, for tests to inspect and corrupt. */
  values: Map<string, string>;
}

/** The commands that caches need, for tests without redis-server. Nothing expires. */
export function memoryRedis(): MemoryRedis {
  const values = new Map<string, string>();

  /** Replaces the rate limit script: counts requests of the first key; the limit is the first argument. */
  function countRequest([, keyCount = "0", ...rest]: readonly string[]): Reply {
    const [key = ""] = rest;
    const limit = Number(rest[Number(keyCount)]);
    const count = Number(values.get(key) ?? 0);
    if (count >= limit) return [-1, limit];
    values.set(key, String(count + 1));
    return [limit - count - 1, limit];
  }

  function runOne([name = "", ...args]: readonly string[]): Reply {
    switch (name.toUpperCase()) {
      case "PING":
        return "PONG";
      case "MGET":
        return args.map((key) => values.get(key) ?? null).map((value) => (value === null ? null : Buffer.from(value)));
      case "SET":
        if (args.slice(2).some((option) => option.toUpperCase() === "NX") && values.has(args[0] ?? "")) return null;
        values.set(args[0] ?? "", args[1] ?? "");
        return "OK";
      case "DEL":
        return args.filter((key) => values.delete(key)).length;
      case "EVALSHA":
        return new Error("NOSCRIPT No matching script. Please use EVAL.");
      case "EVAL":
        return countRequest(args);
      default:
        return new Error(`ERR unknown command '${name}', with args beginning with: ${args.slice(0, 3).join(" ")}`);
    }
  }

  return { values, run: async (commands) => commands.map(runOne) };
}
