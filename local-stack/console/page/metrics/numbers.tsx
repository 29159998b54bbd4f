import type { MetricNumber } from "#console/contract.ts";
import { valueText } from "./units.ts";

/**
 * The numbers on top, each with what it means.
 *
 * @param when of what has not happened: "yet", or in which time
 */
export function Numbers({ numbers, when }: { numbers: readonly MetricNumber[]; when: string }) {
  return (
    <dl class="numbers">
      {numbers.map(({ id, title, description, unit, value }) => (
        <div key={id} data-metric={id}>
          <dt class="muted small">{title}</dt>
          <dd class={value === null ? "value muted none" : "value"}>
            {value === null ? `nothing ${when}` : valueText(value, unit)}
          </dd>
          <dd class="muted small">{description}</dd>
        </div>
      ))}
    </dl>
  );
}
