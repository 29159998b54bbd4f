/** A new set of texts has come into use when this many times the maximum was not remembered. */
const REFUSALS = 10;

/**
 * A function of texts that remembers the first `max` results. When many more texts have come, it forgets all and begins
 * anew: replacing one result by another with each text would fill V8's old space with garbage, three times the memory.
 * Results of texts longer than `maxLength` UTF-16 code units are not remembered.
 */
export function memoised<Result>(
  of: (text: string) => Result,
  max: number,
  maxLength = Number.POSITIVE_INFINITY,
): (text: string) => Result {
  const results = new Map<string, Result>();
  let refused = 0;
  return (text) => {
    if (text.length > maxLength) return of(text);
    const known = results.get(text);
    if (known !== undefined) return known;
    if (results.size >= max) {
      refused += 1;
      if (refused < max * REFUSALS) return of(text);
      results.clear();
      refused = 0;
    }
    const result = of(text);
    results.set(text, result);
    return result;
  };
}
