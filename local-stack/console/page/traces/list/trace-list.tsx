import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { addressOf } from "../../shell/address.ts";
import { count } from "../../shell/format.ts";
import { ErrorNote } from "../../shell/parts.tsx";
import { NoTraces } from "./no-traces.tsx";
import type { ListFilter } from "./trace-filter.ts";
import { TraceFilters } from "./trace-filters.tsx";
import { TraceTable } from "./trace-table.tsx";
import { useTraceList } from "./use-trace-list.ts";

/** Scrolled further than this, the reader is somewhere in the list. Pixels. */
const AT_TOP = 120;

/** The list of recent traces: newest first, live, with filters; two can be chosen to compare. */
export function TraceListPage({ filter, isShown }: { filter: ListFilter; isShown: boolean }) {
  const scrolled = useRef(0);
  const { list, error, showHeld } = useTraceList(filter, isShown, () => scrolled.current > AT_TOP);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const held = list?.held.length ?? 0;

  useLayoutEffect(() => {
    if (!isShown) return;
    scrollTo(0, scrolled.current);
    const remember = () => {
      scrolled.current = scrollY;
    };
    addEventListener("scroll", remember, { passive: true });
    return () => removeEventListener("scroll", remember);
  }, [isShown]);
  // Before the next view scrolls to its top.
  useLayoutEffect(() => {
    if (!isShown || held === 0) return;
    const showAtTop = () => {
      if (scrollY === 0) showHeld();
    };
    addEventListener("scroll", showAtTop, { passive: true });
    return () => removeEventListener("scroll", showAtTop);
  }, [isShown, held]);

  const choose = (id: string, isChosen: boolean) =>
    setChosen((chosen) => (isChosen ? [...chosen, id].slice(-2) : chosen.filter((other) => other !== id)));
  const traces = list?.traces ?? [];
  const [newer, older] = useMemo(
    () => traces.filter(({ trace_id }) => chosen.includes(trace_id)).map(({ trace_id }) => trace_id),
    [traces, chosen],
  );

  return (
    <>
      <h1>Traces</h1>
      <TraceFilters filter={filter} routes={list?.routes ?? []} />
      {error !== undefined && <ErrorNote error={error} />}
      {list && traces.length === 0 && held === 0 && <NoTraces isFiltered={Object.keys(filter).length > 0} />}
      {traces.length > 0 && (
        <p class="muted small">
          {count(traces.length)} {traces.length === 1 ? "trace" : "traces"}
          {list?.forgotten ? `; ${count(list.forgotten)} older ones were forgotten` : ""}
        </p>
      )}
      {held > 0 && (
        <div class="held">
          <button
            type="button"
            onClick={() => {
              showHeld();
              scrollTo(0, 0);
            }}
          >
            {count(held)} new {held === 1 ? "trace" : "traces"}
          </button>
        </div>
      )}
      {traces.length > 0 && <TraceTable traces={traces} chosen={chosen} onChoose={choose} />}
      {chosen.length > 0 && (
        <div class="chosen" role="status">
          {newer && older ? (
            <a href={addressOf(["traces", newer], { with: older })}>Compare the two</a>
          ) : (
            <span>Choose another to compare</span>
          )}
          <button type="button" class="quiet" onClick={() => setChosen([])}>
            Clear
          </button>
        </div>
      )}
    </>
  );
}
