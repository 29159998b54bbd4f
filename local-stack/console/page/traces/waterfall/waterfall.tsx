import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import type { Trace } from "#console/contract.ts";
import { duration } from "../../shell/format.ts";
import { useIsNarrow } from "../rows/use-is-narrow.ts";
import { useVisibleRows } from "../rows/use-visible-rows.ts";
import { SpanDetails } from "./span-details.tsx";
import { type SpanNode, spanTree, visibleNodes } from "./span-tree.ts";
import { extentOf, ticksOf } from "./timeline.ts";
import { moveByKey } from "./tree-keys.ts";
import { WaterfallRow } from "./waterfall-row.tsx";

/** Narrower, a row has its bar below its name. Pixels. */
const NARROW = 640;
const ROW_HEIGHT = { wide: 44, narrow: 64 };

/** The spans of a trace as a tree, each with a bar in the time of the trace; a selected one shows its details. */
export function Waterfall({ trace }: { trace: Trace }) {
  const id = useId();
  const root = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const cursor = useRef<HTMLDivElement>(null);
  const isNarrow = useIsNarrow(root, NARROW);
  const rowHeight = isNarrow ? ROW_HEIGHT.narrow : ROW_HEIGHT.wide;
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [selectedId, setSelectedId] = useState<string>();
  const [zoomedId, setZoomedId] = useState<string>();

  const tree = useMemo(() => spanTree(trace.tree), [trace]);
  const nodes = useMemo(() => visibleNodes(tree, folded), [tree, folded]);
  const zoomed = zoomedId === undefined ? undefined : trace.tree.find(({ span_id }) => span_id === zoomedId);
  const extent = useMemo(() => extentOf(zoomed ? [zoomed] : trace.tree), [trace, zoomed]);
  const hasServices = useMemo(() => new Set(trace.tree.map(({ service }) => service)).size > 1, [trace]);
  const ticks = ticksOf(extent, isNarrow ? 3 : 5);
  const rows = useVisibleRows(list, nodes.length, rowHeight);
  const selectedAt = selectedId === undefined ? -1 : nodes.findIndex(({ span }) => span.span_id === selectedId);
  const selected = nodes[selectedAt];

  useEffect(() => {
    if (selectedId !== undefined) cursor.current?.scrollIntoView({ block: "nearest" });
  }, [selectedId]);

  const setFold = ({ span }: SpanNode, isFolded: boolean) => {
    const next = new Set(folded);
    if (isFolded) next.add(span.span_id);
    else next.delete(span.span_id);
    setFolded(next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && selected) return setSelectedId(undefined);
    const move = moveByKey(event.key, nodes, selected, folded);
    if (!move) return;
    event.preventDefault();
    if ("select" in move) setSelectedId(move.select.span.span_id);
    else if ("fold" in move) setFold(move.fold, true);
    else setFold(move.unfold, false);
  };

  return (
    <div ref={root} class={`waterfall ${isNarrow ? "narrow" : "wide"} ${selected ? "has-details" : ""}`}>
      <div class="spans">
        {zoomed && (
          <p class="zoomed small">
            The time of {zoomed.name}.{" "}
            <button type="button" class="quiet" onClick={() => setZoomedId(undefined)}>
              Show the whole trace
            </button>
          </p>
        )}
        <div class="scale" aria-hidden="true">
          <div class="timeline">
            {ticks.map(({ at_ms, left }) => (
              <span key={at_ms} style={{ left: `${left}%` }}>
                {at_ms === 0 ? "0" : duration(at_ms)}
              </span>
            ))}
          </div>
        </div>
        <div
          ref={list}
          class="tree"
          role="tree"
          aria-label={`Spans of ${trace.name}`}
          tabIndex={0}
          aria-activedescendant={selectedAt >= rows.first && selectedAt < rows.end ? `${id}-${selectedAt}` : undefined}
          onKeyDown={onKeyDown}
          style={{ height: `${nodes.length * rowHeight}px` }}
        >
          <div class="grid" aria-hidden="true">
            <div class="timeline">
              {ticks.map(({ at_ms, left }) => (
                <span key={at_ms} style={{ left: `${left}%` }} />
              ))}
            </div>
          </div>
          {selected && (
            <div ref={cursor} class="cursor" style={{ top: `${selectedAt * rowHeight}px`, height: `${rowHeight}px` }} />
          )}
          <div class="rows" role="none" style={{ transform: `translateY(${rows.first * rowHeight}px)` }}>
            {nodes.slice(rows.first, rows.end).map((node, offset) => (
              <WaterfallRow
                key={rows.first + offset}
                id={`${id}-${rows.first + offset}`}
                node={node}
                extent={extent}
                height={rowHeight}
                hasService={hasServices}
                isSelected={node === selected}
                isFolded={folded.has(node.span.span_id)}
                onSelect={() => setSelectedId(node === selected ? undefined : node.span.span_id)}
                onFold={(isFolded) => setFold(node, isFolded)}
              />
            ))}
          </div>
        </div>
      </div>
      {selected && (
        <SpanDetails
          key={selected.span.span_id}
          node={selected}
          trace={trace}
          onSelect={setSelectedId}
          isZoomed={selected.span.span_id === zoomedId}
          onZoom={(isZoomed) => setZoomedId(isZoomed ? selected.span.span_id : undefined)}
          onClose={() => setSelectedId(undefined)}
        />
      )}
    </div>
  );
}
