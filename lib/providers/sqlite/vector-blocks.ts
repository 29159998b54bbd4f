import type { DatabaseSync } from "node:sqlite";
import { codeLength, signCode } from "./sign-codes.ts";
import { statementCache } from "./statements.ts";

/** Vectors in a row of `vector_blocks`. */
export const VECTORS_PER_BLOCK = 8;
/** Codes in a row of `code_blocks`. */
export const CODES_PER_BLOCK = 256;

export interface VectorBlocks {
  /** The lowest numbers that no vector has: those of removed ones come first, so that updates leave no holes. */
  freeNumbers(count: number): number[];
  /**
   * Stores vectors and their codes.
   *
   * @throws RangeError when a vector has another number of dimensions
   */
  write(numbers: readonly number[], vectors: readonly Float32Array[]): void;
  remove(numbers: readonly number[]): void;
}

interface CodeBlock {
  block: number;
  used: number;
  mask: Uint8Array;
  codes: Uint8Array;
}

/** Writes the vectors of a store. Only to be called in a transaction: codes and vectors change together. */
export function createVectorBlocks(database: DatabaseSync, dimensions: number): VectorBlocks {
  const sql = statementCache(database);
  const bytes = dimensions * Float32Array.BYTES_PER_ELEMENT;

  function readCodes(block: number): CodeBlock {
    const row = sql("SELECT block, used, mask, codes FROM code_blocks WHERE block = ?").get(block);
    if (row) return row as unknown as CodeBlock;
    const codes = new Uint8Array(CODES_PER_BLOCK * codeLength(dimensions));
    return { block, used: 0, mask: new Uint8Array(CODES_PER_BLOCK / 8), codes };
  }

  function writeCodes({ block, used, mask, codes }: CodeBlock): void {
    sql(
      `INSERT INTO code_blocks (block, used, mask, codes) VALUES (?, ?, ?, ?)
       ON CONFLICT (block) DO UPDATE SET used = excluded.used, mask = excluded.mask, codes = excluded.codes`,
    ).run(block, used, mask, codes);
  }

  function addCodes(block: number, added: readonly Numbered[]): void {
    const codeBlock = readCodes(block);
    for (const { number, vector } of added) {
      const place = number % CODES_PER_BLOCK;
      codeBlock.mask[place >> 3] = (codeBlock.mask[place >> 3] ?? 0) | (1 << (place & 7));
      codeBlock.codes.set(signCode(vector), place * codeLength(dimensions));
    }
    writeCodes({ ...codeBlock, used: codeBlock.used + added.length });
  }

  function addVectors(block: number, added: readonly Numbered[]): void {
    const stored = sql("SELECT vectors FROM vector_blocks WHERE block = ?").get(block)?.vectors;
    const content = stored instanceof Uint8Array ? stored : new Uint8Array(VECTORS_PER_BLOCK * bytes);
    for (const { number, vector } of added) {
      const { buffer, byteOffset, byteLength } = vector;
      content.set(new Uint8Array(buffer, byteOffset, byteLength), (number % VECTORS_PER_BLOCK) * bytes);
    }
    sql(
      `INSERT INTO vector_blocks (block, vectors) VALUES (?, ?)
       ON CONFLICT (block) DO UPDATE SET vectors = excluded.vectors`,
    ).run(block, content);
  }

  function removeCodes(block: number, numbers: readonly number[]): void {
    const { used, mask, codes } = readCodes(block);
    for (const number of numbers) {
      const byte = (number % CODES_PER_BLOCK) >> 3;
      mask[byte] = (mask[byte] ?? 0) & ~(1 << (number & 7));
      // The bits of a byte are the vectors of one block.
      if (mask[byte] === 0) sql("DELETE FROM vector_blocks WHERE block = ?").run(blockOf(number, VECTORS_PER_BLOCK));
    }
    if (used === numbers.length) sql("DELETE FROM code_blocks WHERE block = ?").run(block);
    else writeCodes({ block, used: used - numbers.length, mask, codes });
  }

  const countChange = () => sql("UPDATE meta SET value = value + 1 WHERE name = 'vectors'").run();

  return {
    freeNumbers(count) {
      const free: number[] = [];
      const withRoom = sql("SELECT block, mask FROM code_blocks WHERE used < 256 ORDER BY block LIMIT ?").all(count);
      for (const { block, mask } of withRoom) {
        for (let place = 0; place < CODES_PER_BLOCK && free.length < count; place += 1) {
          if (!isUsed(mask as Uint8Array, place)) free.push(Number(block) * CODES_PER_BLOCK + place);
        }
      }
      const next = sql("SELECT coalesce(max(block) + 1, 0) AS block FROM code_blocks").get();
      const first = Number(next?.block) * CODES_PER_BLOCK;
      return [...free, ...Array.from({ length: count - free.length }, (_, index) => first + index)];
    },

    write(numbers, vectors) {
      const added = numbers.map((number, index): Numbered => {
        const vector = vectors[index] ?? new Float32Array();
        checkDimensions(vector, dimensions);
        return { number, vector };
      });
      for (const [block, ofBlock] of byBlock(added, CODES_PER_BLOCK)) addCodes(block, ofBlock);
      for (const [block, ofBlock] of byBlock(added, VECTORS_PER_BLOCK)) addVectors(block, ofBlock);
      countChange();
    },

    remove(numbers) {
      const blocks = Map.groupBy(numbers, (number) => blockOf(number, CODES_PER_BLOCK));
      for (const [block, ofBlock] of blocks) removeCodes(block, ofBlock);
      countChange();
    },
  };
}

interface Numbered {
  number: number;
  vector: Float32Array;
}

const blockOf = (number: number, size: number) => Math.floor(number / size);

function byBlock(numbered: readonly Numbered[], size: number): Map<number, Numbered[]> {
  return Map.groupBy(numbered, ({ number }) => blockOf(number, size));
}

/** Whether there is a chunk at a place of a code block. */
export function isUsed(mask: Uint8Array, place: number): boolean {
  return (((mask[place >> 3] ?? 0) >> (place & 7)) & 1) === 1;
}

export function checkDimensions(vector: Float32Array, dimensions: number): void {
  if (vector.length === dimensions) return;
  throw new RangeError(`The vector has ${vector.length} dimensions, but the store's vectors have ${dimensions}.`);
}
