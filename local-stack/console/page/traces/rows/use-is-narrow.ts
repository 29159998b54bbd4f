import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

/** Whether an element is narrower than `limit` pixels. */
export function useIsNarrow(element: RefObject<HTMLElement | null>, limit: number): boolean {
  const [isNarrow, setIsNarrow] = useState(false);
  useLayoutEffect(() => {
    if (!element.current) return;
    const observer = new ResizeObserver(([entry]) => {
      const width = entry?.contentRect.width ?? 0;
      if (width > 0) setIsNarrow(width < limit);
    });
    observer.observe(element.current);
    setIsNarrow(element.current.clientWidth > 0 && element.current.clientWidth < limit);
    return () => observer.disconnect();
  }, [element, limit]);
  return isNarrow;
}
