/** Which rows of a long list are drawn: those near the viewport. Every row has the same height. */

export interface Rows {
  /** The first that is drawn. */
  first: number;
  /** After the last that is drawn. */
  end: number;
}

export interface Place {
  /** Top of the list below the top of the viewport, in pixels; negative once it has been scrolled over. */
  top: number;
  viewportHeight: number;
  rowHeight: number;
  count: number;
}

/** Rows that are drawn above and below the viewport, so that scrolling shows no gap. */
const MARGIN = 4;

/** The rows change in steps, so that most scroll events draw nothing. */
const STEP = 4;

export function visibleRows({ top, viewportHeight, rowHeight, count }: Place): Rows {
  const firstSeen = Math.floor(-top / rowHeight);
  const endSeen = Math.ceil((viewportHeight - top) / rowHeight);
  const first = Math.floor((firstSeen - MARGIN) / STEP) * STEP;
  const end = Math.ceil((endSeen + MARGIN) / STEP) * STEP;
  return { first: Math.min(count, Math.max(0, first)), end: Math.min(count, Math.max(0, end)) };
}
