import { useMemo, useRef, useState } from "preact/hooks";
import type { Trace } from "#console/contract.ts";
import { ErrorNote } from "../../shell/parts.tsx";
import { MissingTrace } from "../missing-trace.tsx";
import { useIsNarrow } from "../rows/use-is-narrow.ts";
import { useVisibleRows } from "../rows/use-visible-rows.ts";
import { useTrace } from "../use-trace.ts";
import { spanTree } from "../waterfall/span-tree.ts";
import { extentOf } from "../waterfall/timeline.ts";
import { ComparedTraces } from "./compared-traces.tsx";
import { differenceText } from "./difference-text.ts";
import { matchSpans } from "./match-spans.ts";
import { PairDetails } from "./pair-details.tsx";
import { PairRow } from "./pair-row.tsx";

/** Two traces: which spans took longer, and what else differs. */
export function TraceDiff({ id, otherId, isShown }: { id: string; otherId: string; isShown: boolean }) {
  const here = useTrace(id, isShown);
  const there = useTrace(otherId, isShown);
  return (
    <>
      <h1>Compare two traces</h1>
      {[here, there].map(({ error }) => error !== undefined && <ErrorNote error={error} />)}
      {here.isMissing && <MissingTrace id={id} />}
      {there.isMissing && <MissingTrace id={otherId} />}
      {here.trace && there.trace && <Differences here={here.trace} there={there.trace} />}
    </>
  );
}

/** Narrower, a row has three lines. Pixels. */
const NARROW = 720;
const ROW_HEIGHT = { wide: 44, narrow: 88 };

function Differences({ here, there }: { here: Trace; there: Trace }) {
  const root = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  const isNarrow = useIsNarrow(root, NARROW);
  const rowHeight = isNarrow ? ROW_HEIGHT.narrow : ROW_HEIGHT.wide;
  const pairs = useMemo(() => matchSpans(spanTree(here.tree), spanTree(there.tree)), [here, there]);
  const extent = useMemo(() => extentOf([...here.tree, ...there.tree]), [here, there]);
  const [selected, setSelected] = useState<number>();
  const { first, end } = useVisibleRows(body, pairs.length, rowHeight);
  const selectedPair = selected === undefined ? undefined : pairs[selected];
  return (
    <>
      <p class="verdict">{differenceText(here, there, pairs)}</p>
      <ComparedTraces here={here} there={there} />
      <div ref={root} class={`diff ${isNarrow ? "narrow" : "wide"} ${selectedPair ? "has-details" : ""}`}>
        <table class="pairs" aria-label="Spans of both traces" aria-rowcount={pairs.length + 1}>
          <thead>
            <tr aria-rowindex={1}>
              <th>Span</th>
              <th class="number">This</th>
              <th class="number">Other</th>
              <th class="number">Difference</th>
              <th>
                <span class="visually-hidden">Bars</span>
              </th>
            </tr>
          </thead>
          <tbody ref={body} style={{ height: `${pairs.length * rowHeight}px`, paddingTop: `${first * rowHeight}px` }}>
            {pairs.slice(first, end).map((pair, offset) => (
              <PairRow
                key={first + offset}
                pair={pair}
                position={first + offset}
                extent={extent}
                height={rowHeight}
                isSelected={pair === selectedPair}
                onSelect={() => setSelected(pair === selectedPair ? undefined : first + offset)}
              />
            ))}
          </tbody>
        </table>
        {selectedPair && <PairDetails pair={selectedPair} onClose={() => setSelected(undefined)} />}
      </div>
    </>
  );
}
