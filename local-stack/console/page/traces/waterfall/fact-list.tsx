import type { Fact } from "./span-facts.ts";

export function FactList({ facts }: { facts: readonly Fact[] }) {
  if (facts.length === 0) return null;
  return (
    <div class="facts">
      {facts.map(({ text, tone }, position) => (
        <span key={position} class={tone}>
          {text}
        </span>
      ))}
    </div>
  );
}
