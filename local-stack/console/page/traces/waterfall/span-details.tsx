import type { Attributes, AttributeValue, Span, Trace } from "#console/contract.ts";
import { duration } from "../../shell/format.ts";
import { CopyButton } from "../../shell/parts.tsx";
import { attributeText, groupAttributes } from "./attribute-groups.ts";
import { type SpanNode, selfMs } from "./span-tree.ts";

interface Props {
  node: SpanNode;
  trace: Trace;
  onSelect(spanId: string): void;
  /** Whether only the time of this span is shown. */
  isZoomed: boolean;
  onZoom(isZoomed: boolean): void;
  onClose(): void;
}

/** Everything that is known about a span. */
export function SpanDetails({ node, trace, onSelect, isZoomed, onZoom, onClose }: Props) {
  const { span, parent, isOrphan } = node;
  const skew = parent ? parent.span.start_ms - span.start_ms : 0;
  return (
    <section class="details" aria-label={`Span ${span.name}`}>
      <header>
        <h2>{span.name}</h2>
        <button type="button" class="quiet" onClick={() => onZoom(!isZoomed)}>
          {isZoomed ? "Zoom out" : "Zoom in"}
        </button>
        <CopyButton text={JSON.stringify(span, null, 2)} label="Copy JSON" />
        <button type="button" class="quiet" onClick={onClose}>
          Close
        </button>
      </header>
      <p class="muted small">
        {span.kind} · {span.service} · {duration(span.duration_ms)}, {duration(selfMs(node))} of it its own · starts at{" "}
        {duration(span.start_ms)}
      </p>
      {span.status === "error" && <p class="note error small">{span.message || "This span failed."}</p>}
      {isOrphan && (
        <p class="note small">
          Its parent <code>{span.parent_id}</code> was not received: it may still arrive, or belong to the caller.
        </p>
      )}
      {skew > 0.001 && <p class="note small">It starts {duration(skew)} before its parent: their clocks differ.</p>}
      {groupAttributes(span.attributes).map(({ title, attributes }) => (
        <section key={title}>
          <h3>{title}</h3>
          <AttributeList attributes={attributes} />
        </section>
      ))}
      <Events span={span} />
      <Links span={span} />
      <section>
        <h3>Identity</h3>
        <dl>
          <div>
            <dt>Span</dt>
            <dd>
              <code>{span.span_id}</code>
            </dd>
          </div>
          {parent && (
            <div>
              <dt>Parent</dt>
              <dd>
                <button type="button" class="quiet parent" onClick={() => onSelect(parent.span.span_id)}>
                  {parent.span.name}
                </button>
              </dd>
            </div>
          )}
        </dl>
        <Resource attributes={trace.resources[span.service] ?? {}} />
      </section>
    </section>
  );
}

function Events({ span }: { span: Span }) {
  if (span.events.length === 0) return null;
  return (
    <section>
      <h3>Events</h3>
      <ol class="events">
        {span.events.map(({ name, at_ms, attributes }, position) => (
          <li key={position}>
            <span class="number">+{duration(at_ms - span.start_ms)}</span> <strong>{name}</strong>
            <AttributeList attributes={Object.entries(attributes)} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Links({ span: { links } }: { span: Span }) {
  if (links.length === 0) return null;
  return (
    <section>
      <h3>Links</h3>
      <ul>
        {links.map(({ trace_id, span_id }) => (
          <li key={span_id}>
            <a href={`#/traces/${trace_id}`}>
              <code>{trace_id}</code>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Resource({ attributes }: { attributes: Attributes }) {
  const entries = Object.entries(attributes).toSorted();
  if (entries.length === 0) return null;
  return (
    <details>
      <summary>Resource</summary>
      <AttributeList attributes={entries} />
    </details>
  );
}

function AttributeList({ attributes }: { attributes: readonly [string, AttributeValue][] }) {
  return (
    <dl>
      {attributes.map(([name, value]) => (
        <div key={name}>
          <dt>{breakable(name)}</dt>
          <dd>
            <Value text={attributeText(value)} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** A name that may be broken after a dot. */
function breakable(name: string) {
  return name.split(/(?<=[._])/).flatMap((part) => [part, <wbr key={part} />]);
}

/** A text longer than this is folded. */
const LONG = 300;

function Value({ text }: { text: string }) {
  if (text.length <= LONG && !text.includes("\n")) return <code>{text}</code>;
  return (
    <details>
      <summary>
        <code>{text.slice(0, 120)}</code>… {text.length.toLocaleString("en-US")} characters
      </summary>
      <pre>{text}</pre>
      <CopyButton text={text} label="Copy" />
    </details>
  );
}
