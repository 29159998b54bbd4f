import { useEffect, useRef, useState } from "preact/hooks";
import { addressOf } from "../../shell/address.ts";
import { filterQuery, type ListFilter, pastedTraceId } from "./trace-filter.ts";

/** Waits for the next key before the list follows. */
const TYPING_MS = 250;
const SLOW_MS = [100, 500, 1000, 5000];

/** Narrows the list, by the address. */
export function TraceFilters({ filter, routes }: { filter: ListFilter; routes: readonly string[] }) {
  const change = (changed: { [Name in keyof ListFilter]: ListFilter[Name] | undefined }) => {
    const next = Object.entries({ ...filter, ...changed }).filter(
      ([, value]) => value !== undefined && value !== false,
    );
    // Narrowing is no step that the browser's back button should repeat.
    location.replace(addressOf(["traces"], filterQuery(Object.fromEntries(next))));
  };
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()}>
      <Typed
        label="Trace id"
        type="search"
        value={filter.id ?? ""}
        placeholder="Paste one, or type its beginning"
        onTyped={(text) => {
          const id = pastedTraceId(text);
          if (id) location.hash = addressOf(["traces", id]);
          else change({ id: text.trim() || undefined });
        }}
      />
      <label>
        Route
        <select
          value={filter.route ?? ""}
          onChange={(event) => change({ route: event.currentTarget.value || undefined })}
        >
          <option value="">All</option>
          {[...new Set([...routes, ...(filter.route ? [filter.route] : [])])].map((route) => (
            <option key={route} value={route}>
              {route}
            </option>
          ))}
        </select>
      </label>
      <Typed
        label="At least (ms)"
        type="number"
        value={filter.min_ms === undefined ? "" : String(filter.min_ms)}
        placeholder="any"
        list="slow-presets"
        onTyped={(text) => change({ min_ms: Number(text) > 0 ? Number(text) : undefined })}
      />
      <datalist id="slow-presets">
        {SLOW_MS.map((ms) => (
          <option key={ms} value={ms} />
        ))}
      </datalist>
      <label class="check">
        <input
          type="checkbox"
          checked={filter.failed === true}
          onChange={(event) => change({ failed: event.currentTarget.checked })}
        />
        Failed
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={filter.degraded === true}
          onChange={(event) => change({ degraded: event.currentTarget.checked })}
        />
        Degraded
      </label>
    </form>
  );
}

interface TypedProps {
  label: string;
  type: "search" | "number";
  value: string;
  placeholder: string;
  list?: string;
  onTyped(text: string): void;
}

/** A field that reports what was typed once the typing stops. */
function Typed({ label, value, onTyped, ...attributes }: TypedProps) {
  const [text, setText] = useState(value);
  // Another field may have changed the filter meanwhile.
  const latest = useRef(onTyped);
  latest.current = onTyped;
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => latest.current(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <label class={`typed-${attributes.type}`}>
      {label}
      <input {...attributes} min="0" value={text} onInput={(event) => setText(event.currentTarget.value)} />
    </label>
  );
}
