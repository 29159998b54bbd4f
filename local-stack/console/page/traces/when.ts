import { time } from "../shell/format.ts";

/** 14:03:09 of today; otherwise 28 Nov 14:03:09. */
export function when(ms: number, now = Date.now()): string {
  const date = new Date(ms);
  if (date.toDateString() === new Date(now).toDateString()) return time(ms);
  return `${date.toLocaleDateString("en-GB", { day: "numeric", month: "short" })} ${time(ms)}`;
}
