import { ENVELOPE_BYTES, type Item } from "./read-document.ts";

export interface BatchLimits {
  /** Size of a request's body. A larger document gets a request of its own. */
  bytes: number;
  documents: number;
}

/** Groups documents into batches that fit into one request, in order. */
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
