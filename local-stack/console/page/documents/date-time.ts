/** 29 Nov 2026, 22:07, where the browser is. */
export function dateTime(rfc3339: string): string {
  return new Date(rfc3339).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
}
