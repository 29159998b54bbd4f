import type { Metafile } from "esbuild";

/** Loaded by the first request of `/mcp` (lib/http/protocols/mcp/route.ts). */
const MCP = "lib/http/protocols/mcp/serve.ts";

/** The output files that MCP's module loads and nothing else does, by path; none in a bundle without it. */
export function filesOfMcp({ outputs }: Metafile): Set<string> {
  const mcp = Object.keys(outputs).find((path) => outputs[path]?.entryPoint === MCP);
  const imported = new Set(Object.values(outputs).flatMap(({ imports }) => imports.map(({ path }) => path)));
  const loaded = new Set<string>();
  const load = (path: string): void => {
    if (loaded.has(path) || path === mcp) return;
    loaded.add(path);
    for (const { path: next } of outputs[path]?.imports ?? []) load(next);
  };
  for (const path of Object.keys(outputs)) if (!imported.has(path)) load(path);
  return new Set(mcp === undefined ? [] : Object.keys(outputs).filter((path) => !loaded.has(path)));
}
