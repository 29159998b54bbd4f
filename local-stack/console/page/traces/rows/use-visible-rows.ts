import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";
import { type Rows, visibleRows } from "./visible-rows.ts";

/** Before the list has a place: enough for a short one. */
const AT_FIRST: Rows = { first: 0, end: 40 };

/**
 * Follows which rows of a list are near the viewport, whatever scrolls: the page or an element around the list.
 *
 * @param list the element that is as high as all rows
 * @param rowHeight pixels
 */
export function useVisibleRows(list: RefObject<HTMLElement | null>, count: number, rowHeight: number): Rows {
  const [rows, setRows] = useState(AT_FIRST);
  useLayoutEffect(() => {
    let frame = 0;
    const update = () => {
      frame = 0;
      // Hidden: it has no place.
      if (!list.current?.offsetParent) return;
      const { top } = list.current.getBoundingClientRect();
      const next = visibleRows({ top, viewportHeight: innerHeight, rowHeight, count });
      setRows((rows) => (rows.first === next.first && rows.end === next.end ? rows : next));
    };
    const schedule = () => {
      frame ||= requestAnimationFrame(update);
    };
    const observer = new ResizeObserver(schedule);
    if (list.current) observer.observe(list.current);
    update();
    document.addEventListener("scroll", schedule, { capture: true, passive: true });
    addEventListener("resize", schedule);
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      document.removeEventListener("scroll", schedule, { capture: true });
      removeEventListener("resize", schedule);
    };
  }, [list, count, rowHeight]);
  return { first: Math.min(rows.first, count), end: Math.min(rows.end, count) };
}
