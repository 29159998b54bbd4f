import { ENVELOPE_BYTES, type Item } from "./read-document.ts";

export interface BatchLimits {
  /** Of a request's body. A document that is larger goes alone. */
  bytes: number;
  documents: number;
}

/** Documents in groups that fit into one request, in their order. */
export async function* batchesOf(items: AsyncIterable<Item>, limits: BatchLimits): AsyncGenerator<Item[]> {
  let batch: Item[] = [];
  let bytes = ENVELOPE_BYTES;
  for await (const item of items) {
    const size = item.bytes + 1;
    if (batch.length > 0 && (bytes + size > limits.bytes || batch.length >= limits.documents)) {
      yield batch;
      batch = [];
      bytes = ENVELOPE_BYTES;
    }
    batch.push(item);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
