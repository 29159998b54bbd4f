import type { Found } from "./files.ts";
import type { Summary } from "./ingest-files.ts";
import type { ResumeLog } from "./resume-log.ts";

/** Summarizes a run for the terminal, in lines. */
export function describeRun(summary: Summary, found: Found, log: ResumeLog): string[] {
  const { created, updated, unchanged, queued, resumed, failed, leftOut, left, stopped } = summary;
  const counts = { created, updated, unchanged, queued, failed: failed.length + found.unreadable.length };
  const shown = Object.entries(counts).filter(([name, count]) => count > 0 || name === "failed");
  const lines = [`${shown.map(([name, count]) => `${count} ${name}`).join(", ")}.`];
  if (resumed > 0) {
    lines.push(`${resumed} were accepted before the last run was interrupted. To send them again, delete ${log.path}.`);
  }
  if (found.ignored > 0) lines.push(`${found.ignored} other files were skipped: of no kind that is read.`);
  lines.push(...leftOut);
  for (const { path, reason } of found.skipped) lines.push(`skipped: ${path}: ${reason}`);
  for (const { path, reason } of found.unreadable) lines.push(`failed: ${path}: ${reason}`);
  for (const { id, reason } of failed) lines.push(`failed: ${id}: ${reason}`);
  if (stopped !== undefined) lines.push(`stopped: ${stopped}`);
  if (log.problem !== undefined) {
    lines.push(
      `The list of what was accepted could not be kept in ${log.problem}: free or allow it, or set RAG_DATA_DIR.`,
    );
  }
  if (left > 0) {
    const next = log.problem === undefined ? "it resumes where it stopped" : "what was accepted may be sent again";
    lines.push(`${left} files are left. Run the same command again: ${next}.`);
  }
  return lines;
}
