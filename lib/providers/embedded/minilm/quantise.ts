export interface Quantised {
  values: Int8Array;
  /** One per row or column; value × scale is the number. */
  scales: Float32Array;
}

/** Quantises each row to −127 … 127: [rows × width] → values of the same layout. */
export function quantiseRows(matrix: Float32Array, width: number): Quantised {
  const rows = matrix.length / width;
  const values = new Int8Array(matrix.length);
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const scale = scaleOf(matrix.subarray(row * width, (row + 1) * width));
    scales[row] = scale;
    for (let i = row * width; i < (row + 1) * width; i += 1) values[i] = Math.round((matrix[i] ?? 0) / scale);
  }
  return { values, scales };
}

/**
 * Quantises the weights of a linear layer, one scale per output, and transposes them, as a product with them needs it:
 * [outputs × inputs] → values [inputs × outputs].
 */
export function quantiseColumns(matrix: Float32Array, outputs: number): Quantised {
  const { values: rows, scales } = quantiseRows(matrix, matrix.length / outputs);
  const inputs = matrix.length / outputs;
  const values = new Int8Array(rows.length);
  for (let output = 0; output < outputs; output += 1) {
    for (let input = 0; input < inputs; input += 1) {
      values[input * outputs + output] = rows[output * inputs + input] ?? 0;
    }
  }
  return { values, scales };
}

function scaleOf(row: Float32Array): number {
  let largest = 0;
  for (const value of row) largest = Math.max(largest, Math.abs(value));
  return largest / 127 || 1;
}
