import type { UploadItem, UploadState } from "./upload-queue.ts";

type Kind = UploadState["kind"];

/** What needs a person first, then what is going on. */
const ORDER: readonly Kind[] = ["failed", "uploading", "reading", "waiting", "stored", "cancelled", "skipped"];

export function countByKind(items: readonly UploadItem[]): Record<Kind, number> {
  const counts = { waiting: 0, uploading: 0, reading: 0, stored: 0, failed: 0, skipped: 0, cancelled: 0 };
  for (const { state } of items) counts[state.kind] += 1;
  return counts;
}

/** Items of the same urgency keep their order; those that are sent or read are of the same. */
export function inOrderOfUrgency(items: readonly UploadItem[]): UploadItem[] {
  const rank = ({ state }: UploadItem) => ORDER.indexOf(state.kind === "reading" ? "uploading" : state.kind);
  return items.toSorted((a, b) => rank(a) - rank(b));
}

/** "12 stored, 1 failed, 3 skipped". */
export function summaryOf(counts: Readonly<Record<Kind, number>>): string {
  const active = counts.waiting + counts.uploading + counts.reading;
  const parts = [
    [active, "to go"],
    [counts.stored, "stored"],
    [counts.failed, "failed"],
    [counts.cancelled, "cancelled"],
    [counts.skipped, "skipped"],
  ] as const;
  return parts.flatMap(([count, what]) => (count > 0 ? `${count.toLocaleString("en")} ${what}` : [])).join(", ");
}
