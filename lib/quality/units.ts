/** Units by what they measure, each with its factor to the first one. */
const DIMENSIONS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  time: {
    ...{ s: 1, sec: 1, second: 1, seconds: 1, Sekunden: 1, secondes: 1, segundos: 1, 秒: 1 },
    ...{ ms: 1e-3, millisecond: 1e-3, milliseconds: 1e-3, Millisekunden: 1e-3, µs: 1e-6, us: 1e-6, ns: 1e-9 },
    ...{ min: 60, minute: 60, minutes: 60, Minuten: 60, minutos: 60, 分钟: 60, h: 3_600, hour: 3_600, hours: 3_600 },
    ...{ Stunden: 3_600, heures: 3_600, horas: 3_600, day: 86_400, days: 86_400, Tage: 86_400, jours: 86_400 },
    ...{ días: 86_400, 天: 86_400, week: 604_800, weeks: 604_800 },
  },
  years: { year: 1, years: 1, month: 1 / 12, months: 1 / 12, Jahre: 1, ans: 1, años: 1, decades: 10, century: 100 },
  bytes: {
    ...{ B: 1, byte: 1, bytes: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 },
    ...{ KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 },
  },
  length: {
    ...{ m: 1, meter: 1, meters: 1, metre: 1, metres: 1, km: 1e3, kilometers: 1e3, kilometres: 1e3, Kilometer: 1e3 },
    ...{ cm: 0.01, mm: 1e-3, mile: 1_609.344, miles: 1_609.344, ft: 0.3048, feet: 0.3048, foot: 0.3048, yards: 0.9144 },
  },
  mass: { g: 1, grams: 1, kg: 1e3, kilograms: 1e3, mg: 1e-3, t: 1e6, tonnes: 1e6, lb: 453.59237, pounds: 453.59237 },
  share: { "%": 1, percent: 1, Prozent: 1, "per cent": 1, pct: 1, "‰": 0.1 },
  temperature: { "°C": 1, C: 1 },
  fahrenheit: { "°F": 1 },
  dollars: { $: 1, USD: 1, dollar: 1, dollars: 1, Dollar: 1 },
  euros: { "€": 1, EUR: 1, euro: 1, euros: 1, Euro: 1 },
  sterling: { "£": 1, GBP: 1 },
  yen: { "¥": 1, JPY: 1, yen: 1 },
  rupees: { "₹": 1, INR: 1, rupees: 1 },
};

export const UNITS: ReadonlyMap<string, { dimension: string; factor: number }> = new Map(
  Object.entries(DIMENSIONS).flatMap(([dimension, units]) =>
    Object.entries(units).map(([unit, factor]) => [unit, { dimension, factor }] as const),
  ),
);

/** Words and characters after a number that multiply it; in lower case. */
export const MAGNITUDES: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ...{ hundred: 100, thousand: 1e3, k: 1e3, tausend: 1e3, mille: 1e3, mil: 1e3, 千: 1e3, 万: 1e4, lakh: 1e5 },
    ...{ million: 1e6, millions: 1e6, mio: 1e6, millionen: 1e6, millones: 1e6, crore: 1e7, 亿: 1e8, 億: 1e8 },
    ...{ billion: 1e9, billions: 1e9, mrd: 1e9, milliarden: 1e9, milliards: 1e9, trillion: 1e12 },
  }),
);
