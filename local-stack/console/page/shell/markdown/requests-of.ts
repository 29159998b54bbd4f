const MAX_TEXTS = 100;
/** In characters: of six bytes each, as JSON has control characters, they are within the limit of the console's API. */
const MAX_LENGTH = 150_000;

/** Divides texts, in their order, into those of one request each. One that is too long for any is alone in its own. */
export function requestsOf<Item extends { text: string }>(items: readonly Item[]): Item[][] {
  const requests: Item[][] = [];
  let last: Item[] = [];
  let length = 0;
  for (const item of items) {
    if (last.length === 0 || last.length === MAX_TEXTS || length + item.text.length > MAX_LENGTH) {
      last = [];
      length = 0;
      requests.push(last);
    }
    last.push(item);
    length += item.text.length;
  }
  return requests;
}
