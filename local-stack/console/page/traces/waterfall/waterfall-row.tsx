import { duration } from "../../shell/format.ts";
import { FactList } from "./fact-list.tsx";
import { factsOf } from "./span-facts.ts";
import { type SpanNode, selfParts } from "./span-tree.ts";
import { barOf, type Extent } from "./timeline.ts";

interface Props {
  id: string;
  node: SpanNode;
  extent: Extent;
  /** Pixels. */
  height: number;
  hasService: boolean;
  isSelected: boolean;
  isFolded: boolean;
  onSelect(): void;
  onFold(isFolded: boolean): void;
}

/** Deeper spans are indented no further. */
const DEEPEST = 12;

/** A span: its name and facts, and its bar with the duration beside it. */
export function WaterfallRow(props: Props) {
  const { id, node, extent, height, hasService, isSelected, isFolded, onSelect, onFold } = props;
  const { span, depth, children } = node;
  const { left, width } = barOf(span, extent);
  const isFailed = span.status === "error";
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the focus and the keys.
    <div
      id={id}
      class={`row ${isFailed ? "failed" : ""}`}
      role="treeitem"
      tabIndex={-1}
      aria-level={depth + 1}
      aria-selected={isSelected}
      aria-expanded={children.length > 0 ? !isFolded : undefined}
      style={{ height: `${height}px` }}
      onClick={onSelect}
    >
      <div class="label" style={{ "--depth": Math.min(depth, DEEPEST) }}>
        <Fold node={node} isFolded={isFolded} onFold={onFold} />
        <div class="words">
          <div class="name">
            {isFailed && (
              <span class="failed-icon" aria-hidden="true">
                !
              </span>
            )}
            {span.name}
            {hasService && <span class="service">{span.service}</span>}
          </div>
          <FactList facts={factsOf(span)} />
        </div>
      </div>
      <div class="timeline">
        <div class="track">
          <div class="time-bar" style={{ left: `${left}%`, width: `${width}%`, background: barBackground(node) }} />
        </div>
        <span class="duration" style={{ left: `${Math.max(0, Math.min(100, left + width))}%` }}>
          {duration(span.duration_ms)}
        </span>
      </div>
    </div>
  );
}

/** For the mouse; the keyboard has the arrow keys. */
function Fold({ node: { children }, isFolded, onFold }: Pick<Props, "node" | "isFolded" | "onFold">) {
  if (children.length === 0) return <span class="fold" />;
  const toggle = (event: MouseEvent) => {
    event.stopPropagation();
    onFold(!isFolded);
  };
  return (
    <span class={`fold ${isFolded ? "folded" : "unfolded"}`} aria-hidden="true" onClick={toggle}>
      {isFolded && <span class="folded-count">{children.length}</span>}
    </span>
  );
}

/** Strong where no child was running, pale elsewhere. */
function barBackground(node: SpanNode): string {
  const parts = selfParts(node);
  const stops = parts.flatMap(([from, to], position) => {
    const before = parts[position - 1]?.[1] ?? 0;
    return [`var(--pale) ${ratio(before)} ${ratio(from)}`, `var(--strong) ${ratio(from)} ${ratio(to)}`];
  });
  const last = parts.at(-1)?.[1] ?? 0;
  return `linear-gradient(to right, ${[...stops, `var(--pale) ${ratio(last)} 100%`].join(", ")})`;
}

function ratio(value: number): string {
  return `${(value * 100).toFixed(2)}%`;
}
