import { duration } from "../../shell/format.ts";
import type { SpanNode } from "../waterfall/span-tree.ts";
import { barOf, type Extent } from "../waterfall/timeline.ts";
import { signedDuration, signedPercent } from "./difference-text.ts";
import { attributeDifferences, differenceMs, type SpanPair } from "./match-spans.ts";

interface Props {
  pair: SpanPair;
  position: number;
  extent: Extent;
  /** Pixels. */
  height: number;
  isSelected: boolean;
  onSelect(): void;
}

/** Deeper spans are indented no further. */
const DEEPEST = 12;

/** A span of both traces: durations, their difference, and the bars over each other. */
export function PairRow({ pair, position, extent, height, isSelected, onSelect }: Props) {
  const { name, depth, here, there } = pair;
  const difference = differenceMs(pair);
  return (
    <tr class={isSelected ? "selected" : undefined} aria-rowindex={position + 2} style={{ height: `${height}px` }}>
      <td class="name" style={{ "--depth": Math.min(depth, DEEPEST) }}>
        <button type="button" class="quiet" aria-expanded={isSelected} onClick={onSelect}>
          {name}
        </button>
        <Remark pair={pair} />
      </td>
      <td class="here number">{here ? duration(here.span.duration_ms) : "–"}</td>
      <td class="there number">{there ? duration(there.span.duration_ms) : "–"}</td>
      <td class="difference number">
        {difference !== undefined && there && (
          <>
            {signedDuration(difference)}{" "}
            <span class="muted small">{signedPercent(difference, there.span.duration_ms)}</span>
          </>
        )}
      </td>
      <td class="bars" aria-hidden="true">
        <Bar node={here} extent={extent} side="here" />
        <Bar node={there} extent={extent} side="there" />
      </td>
    </tr>
  );
}

function Bar({ node, extent, side }: { node: SpanNode | undefined; extent: Extent; side: "here" | "there" }) {
  if (!node) return <div class="lane" />;
  const { left, width } = barOf(node.span, extent);
  return (
    <div class="lane">
      <div class={`swatch ${side}`} style={{ left: `${left}%`, width: `${width}%` }} />
    </div>
  );
}

function Remark({ pair }: { pair: SpanPair }) {
  const { here, there } = pair;
  if (!there) return <span class="muted">only in this trace</span>;
  if (!here) return <span class="muted">only in the other</span>;
  const isFailed = here.span.status === "error";
  if (isFailed !== (there.span.status === "error")) {
    return <span class="failed">{isFailed ? "failed in this trace only" : "failed in the other only"}</span>;
  }
  const different = attributeDifferences(pair).length;
  if (different === 0) return null;
  return <span class="muted">{different === 1 ? "1 attribute differs" : `${different} attributes differ`}</span>;
}
