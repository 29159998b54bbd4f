import type { Sample } from "./evaluate.ts";
import { keyOf } from "./names.ts";

/** The values of one combination of labels. */
export interface Line {
  labels: Sample["labels"];
  /** `null` where nothing was set. */
  values: (number | null)[];
}

/** Collects lines of the same length, value by value. */
export function createLines(length: number) {
  const lines = new Map<string, Line>();
  return {
    set(labels: Sample["labels"], index: number, value: number | null): void {
      const key = keyOf(labels);
      const line = lines.get(key) ?? { labels, values: new Array<number | null>(length).fill(null) };
      line.values[index] = value;
      lines.set(key, line);
    },
    all: (): Line[] => [...lines.values()],
  };
}
