import type { Summary } from "./ingest-files.ts";

/** Summarizes a run for the terminal. */
export function describeRun(summary: Summary, { ignored, logPath }: { ignored: number; logPath: string }): string {
  const { created, updated, unchanged, queued, resumed, failed, left, stopped } = summary;
  const counts = { created, updated, unchanged, queued, failed: failed.length };
  const shown = Object.entries(counts).filter(([name, count]) => count > 0 || name === "failed");
  const lines = [`${shown.map(([name, count]) => `${count} ${name}`).join(", ")}.`];
  if (resumed > 0) {
    lines.push(`${resumed} were accepted before the last run was interrupted. To send them again, delete ${logPath}.`);
  }
  if (ignored > 0) lines.push(`${ignored} other files were skipped: not Markdown, text, HTML or PDF.`);
  for (const { id, reason } of failed) lines.push(`failed: ${id}: ${reason}`);
  if (stopped !== undefined) lines.push(`stopped: ${stopped}`);
  if (left > 0) lines.push(`${left} files are left. Run the same command again: it resumes where it stopped.`);
  return lines.join("\n");
}
