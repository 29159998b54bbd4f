import type { PluginBuild } from "esbuild";

/** The names that an ES module exports itself; none for CommonJS. */
export async function exportsOf(path: string, esbuild: PluginBuild["esbuild"]): Promise<string[]> {
  const { metafile } = await esbuild.build({ entryPoints: [path], outdir: "unused", write: false, metafile: true });
  return Object.values(metafile.outputs).flatMap(({ exports }) => exports);
}
