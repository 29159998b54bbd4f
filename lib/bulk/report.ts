import type { Summary } from "./ingest-files.ts";

/** What a run did, for whoever started it. */
export function describeRun(summary: Summary, { ignored, logPath }: { ignored: number; logPath: string }): string {
  const { created, updated, unchanged, queued, resumed, failed, left, stopped } = summary;
  const counts = { created, updated, unchanged, queued, failed: failed.length };
  const told = Object.entries(counts).filter(([name, count]) => count > 0 || name === "failed");
  const lines = [`${told.map(([name, count]) => `${count} ${name}`).join(", ")}.`];
  if (resumed > 0) {
    lines.push(
      `${resumed} had been accepted before the last run was interrupted. To send these too, delete ${logPath}.`,
    );
  }
  if (ignored > 0) lines.push(`${ignored} other files were passed over: they are no Markdown, text, HTML or PDF.`);
  for (const { id, reason } of failed) lines.push(`failed: ${id}: ${reason}`);
  if (stopped !== undefined) lines.push(`stopped: ${stopped}`);
  if (left > 0) lines.push(`${left} files are left. Run the same again: what was accepted is not sent again.`);
  return lines.join("\n");
}
