/**
 * A function of texts that remembers up to `max` results, and forgets all of them when there are more. Results of texts
 * longer than `maxLength` UTF-16 code units are not remembered.
 */
export function memoised<Result>(
  of: (text: string) => Result,
  max: number,
  maxLength = Number.POSITIVE_INFINITY,
): (text: string) => Result {
  const results = new Map<string, Result>();
  return (text) => {
    if (text.length > maxLength) return of(text);
    let result = results.get(text);
    if (result === undefined) {
      if (results.size >= max) results.clear();
      result = of(text);
      results.set(text, result);
    }
    return result;
  };
}
