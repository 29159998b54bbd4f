import type { AttributeValue } from "#console/contract.ts";
import { attributeText } from "../waterfall/attribute-groups.ts";
import { attributeDifferences, type SpanPair } from "./match-spans.ts";

/** What differs between the two spans besides their time. */
export function PairDetails({ pair, onClose }: { pair: SpanPair; onClose(): void }) {
  const differences = attributeDifferences(pair);
  return (
    <section class="pair-details" aria-label={`Differences of ${pair.name}`}>
      <header>
        <h2>{pair.name}</h2>
        <button type="button" class="quiet" onClick={onClose}>
          Close
        </button>
      </header>
      {[pair.here, pair.there].map(
        (node, position) =>
          node?.span.status === "error" && (
            <p class="note error small">
              {position === 0 ? "This" : "Other"}: {node.span.message || "failed"}
            </p>
          ),
      )}
      {differences.length === 0 ? (
        <p class="muted small">{pair.here && pair.there ? "All attributes are the same." : "Only one trace has it."}</p>
      ) : (
        <dl>
          {differences.map(({ name, here, there }) => (
            <div key={name}>
              <dt>{name}</dt>
              <Side title="This" value={here} />
              <Side title="Other" value={there} />
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

function Side({ title, value }: { title: "This" | "Other"; value: AttributeValue | undefined }) {
  return (
    <dd>
      <span class={`swatch ${title === "This" ? "here" : "there"}`} aria-hidden="true" />
      <span class="visually-hidden">{title}: </span>
      {value === undefined ? <span class="muted">not set</span> : <code>{attributeText(value).slice(0, 600)}</code>}
    </dd>
  );
}
