/** Qdrant's payload filters, and its errors for invalid ones. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Payload = Record<string, Json>;

export class BadMatch extends Error {}

export interface Filtered {
  id: string;
  payload: Payload;
}

export function passes(point: Filtered, filter: Payload | undefined): boolean {
  if (!filter) return true;
  const { must = [], should = [], must_not = [] } = filter;
  const holds = (condition: Json) => holdsFor(point, condition as Payload);
  const [all, some, none] = [list(must).map(holds), list(should).map(holds), list(must_not).map(holds)];
  return all.every(Boolean) && (some.length === 0 || some.some(Boolean)) && !none.some(Boolean);
}

function holdsFor(point: Filtered, condition: Payload): boolean {
  const { key, match, range, has_id } = condition;
  if (has_id !== undefined) return list(has_id).includes(point.id);
  if (typeof key !== "string") return passes(point, condition);
  const { payload } = point;
  const values = payload[key] === undefined ? [] : list(payload[key]);
  if (range !== undefined) {
    const { lt = Infinity, lte = Infinity, gt = -Infinity, gte = -Infinity } = range as Record<string, number>;
    return values.some((v) => typeof v === "number" && v < lt && v <= lte && v > gt && v >= gte);
  }
  const { value, any } = (match ?? {}) as Payload;
  const wanted = any === undefined ? [value] : list(any);
  if (!wanted.every(isMatchable)) throw new BadMatch();
  return values.some((stored) => wanted.includes(stored));
}

/** Integers, strings and booleans. */
function isMatchable(value: Json | undefined): boolean {
  return typeof value === "string" || typeof value === "boolean" || Number.isSafeInteger(value);
}

export function list(value: Json): Json[] {
  return Array.isArray(value) ? value : [value];
}
