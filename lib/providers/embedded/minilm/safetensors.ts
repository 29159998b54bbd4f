/** Reads the tensor of a name, in 32-bit floats, row by row. */
export type ReadTensor = (name: string) => Float32Array;

/**
 * Reads 16-bit floats from a file in the format of safetensors: the length of the header, 8 bytes, the header as JSON,
 * the data (https://github.com/huggingface/safetensors#format).
 *
 * @returns a function that throws an Error when there is no such tensor of 16-bit floats
 */
export function readSafetensors(file: Uint8Array): ReadTensor {
  const headerLength = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const header: Record<string, { dtype: string; data_offsets: [number, number] }> = JSON.parse(
    new TextDecoder().decode(file.subarray(8, 8 + headerLength)),
  );
  return (name) => {
    const tensor = header[name];
    if (tensor?.dtype !== "F16") throw new Error(`the weights have no tensor "${name}" of 16-bit floats`);
    const [start, end] = tensor.data_offsets;
    // A copy: a view of 16-bit numbers would have to start at an even address.
    const data = new Uint8Array(file.subarray(8 + headerLength + start, 8 + headerLength + end));
    return new Float32Array(new Float16Array(data.buffer));
  };
}
