/** Topics as people type them, "1, 2"; `undefined` when something else is in the text. */
export function readTopicIds(text: string): number[] | undefined {
  const ids = text.split(/[\s,]+/).filter(Boolean);
  return ids.every((id) => /^-?\d{1,15}$/.test(id)) ? [...new Set(ids.map(Number))] : undefined;
}
