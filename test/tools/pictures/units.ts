/** Formats a value as Grafana does for the unit. */
export function inUnit(value: number, unit = "short", decimals?: number): string {
  if (unit === "s") {
    if (value === 0) return "0 s";
    return value < 1 ? `${trim(value * 1_000, 0)} ms` : `${trim(value, 2)} s`;
  }
  if (unit === "percentunit") return `${trim(value * 100, value < 0.1 ? 1 : 0)} %`;
  if (unit === "reqps") return `${trim(value, 1)}/s`;
  if (unit === "currencyUSD") return `$${value.toFixed(decimals ?? (value < 1 ? 3 : 2))}`;
  if (unit.startsWith("suffix:")) return `${trim(value, 1)}${unit.slice("suffix:".length)}`;
  return unit === "locale" ? Math.round(value).toLocaleString("en") : trim(value, 2);
}

function trim(value: number, decimals: number): string {
  return String(Number(value.toFixed(decimals)));
}

/** Four or five round numbers from 0 to at least the greatest value. */
export function ticksTo(greatest: number, unit = "short"): number[] {
  const rough = (greatest || 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const fine = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((step) => step >= rough) ?? rough;
  const step = unit === "locale" ? Math.max(1, Math.round(fine)) : fine;
  return Array.from({ length: Math.ceil((greatest || 1) / step) + 1 }, (_, index) =>
    Number((index * step).toPrecision(6)),
  );
}
