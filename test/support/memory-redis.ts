import type { Reply } from "./redis-connection.ts";
import type { RunCommands } from "./upstash-server.ts";

export interface MemoryRedis {
  run: RunCommands;
  /** Value by key, for tests to inspect and corrupt. */
  values: Map<string, string>;
}

/** The commands that caches need, for tests without redis-server. No scripts; nothing expires. */
export function memoryRedis(): MemoryRedis {
  const values = new Map<string, string>();

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
      default:
        return new Error(`ERR unknown command '${name}', with args beginning with: ${args.slice(0, 3).join(" ")}`);
    }
  }

  return { values, run: async (commands) => commands.map(runOne) };
}
