import { useLayoutEffect, useRef } from "preact/hooks";
import { type Address, addressOf } from "../shell/address.ts";
import { TraceDiff } from "./diff/trace-diff.tsx";
import { filterQuery, readFilter } from "./list/trace-filter.ts";
import { TraceListPage } from "./list/trace-list.tsx";
import { TracePage } from "./trace-page.tsx";

/** The list of traces, one trace, or two compared, as the address says. The list stays, with its place. */
export function TracesView({ address, isShown }: { address: Address; isShown: boolean }) {
  const [view, givenId] = address.path;
  const id = givenId?.toLowerCase();
  const other = address.query.get("with")?.toLowerCase();
  const isList = view === "traces" && id === undefined;
  const query = useRef(new URLSearchParams());
  if (isList) query.current = address.query;
  useLayoutEffect(() => {
    if (isShown && id !== undefined) scrollTo(0, 0);
  }, [isShown, id, other]);
  return (
    <>
      <div class="page" hidden={!isList}>
        <TraceListPage filter={readFilter(query.current)} isShown={isShown && isList} />
      </div>
      {view === "traces" && id !== undefined && (
        <div class="page">
          <p class="back">
            <a href={addressOf(["traces"], filterQuery(readFilter(query.current)))}>All traces</a>
          </p>
          {other === undefined ? (
            <TracePage key={id} id={id} isShown={isShown} />
          ) : (
            <TraceDiff key={`${id} ${other}`} id={id} otherId={other} isShown={isShown} />
          )}
        </div>
      )}
    </>
  );
}
