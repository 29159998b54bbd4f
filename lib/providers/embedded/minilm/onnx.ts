/** Element types of ONNX tensors (`TensorProto.DataType`). */
export const FLOAT = 1;
export const INT8 = 3;
export const INT32 = 6;
export const INT64 = 7;

const PRODUCER = "edge-rag";
/** IR version 9 goes with operator set 20 (https://github.com/onnx/onnx/blob/main/docs/Versioning.md). */
const IR_VERSION = 9;
const OPERATOR_SET = 20;
/** The domain of ONNX Runtime's own operators. */
const MICROSOFT = "com.microsoft";

export interface Tensor {
  name: string;
  type: typeof FLOAT | typeof INT8 | typeof INT32;
  dims: readonly number[];
  data: Float32Array | Int8Array | Int32Array;
}

export interface Node {
  type: string;
  /** Names; "" for an optional input that is left out. */
  inputs: readonly string[];
  outputs: readonly string[];
  /** Whole numbers are written as INT, others as FLOAT: give `epsilon` and the like as such. */
  integers?: Readonly<Record<string, number>>;
  floats?: Readonly<Record<string, number>>;
  /** One of ONNX Runtime's own operators. */
  microsoft?: boolean;
}

/** An input or output: each dimension a size, or the name of one that varies. */
export interface Value {
  name: string;
  type: Tensor["type"] | typeof INT64;
  dims: readonly (number | string)[];
}

export interface Graph {
  nodes: readonly Node[];
  weights: readonly Tensor[];
  inputs: readonly Value[];
  outputs: readonly Value[];
}

/** Protocol Buffers' encoding of a message, in pieces. */
type Message = Uint8Array[];

/** Encodes a graph as an ONNX file (`ModelProto`, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto). */
export function encodeOnnx(graph: Graph): Uint8Array {
  const model = [
    integer(1, IR_VERSION),
    text(2, PRODUCER),
    message(7, graphProto(graph)),
    message(8, [text(1, ""), integer(2, OPERATOR_SET)].flat()),
    message(8, [text(1, MICROSOFT), integer(2, 1)].flat()),
  ];
  return concatenate(model.flat());
}

function graphProto({ nodes, weights, inputs, outputs }: Graph): Message {
  return [
    ...nodes.map((node) => message(1, nodeProto(node))),
    text(2, PRODUCER),
    ...weights.map((weight) => message(5, tensorProto(weight))),
    ...inputs.map((value) => message(11, valueProto(value))),
    ...outputs.map((value) => message(12, valueProto(value))),
  ].flat();
}

function nodeProto({ type, inputs, outputs, integers = {}, floats = {}, microsoft }: Node): Message {
  return [
    ...inputs.map((input) => text(1, input)),
    ...outputs.map((output) => text(2, output)),
    text(4, type),
    ...Object.entries(integers).map(([name, value]) =>
      message(5, [text(1, name), integer(3, value), integer(20, 2)].flat()),
    ),
    ...Object.entries(floats).map(([name, value]) =>
      message(5, [text(1, name), float(2, value), integer(20, 1)].flat()),
    ),
    ...(microsoft ? [text(7, MICROSOFT)] : []),
  ].flat();
}

function tensorProto({ name, type, dims, data }: Tensor): Message {
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return [...dims.map((dim) => integer(1, dim)), integer(2, type), text(8, name), bytes(9, [raw])].flat();
}

function valueProto({ name, type, dims }: Value): Message {
  const shape = dims.map((dim) => message(1, typeof dim === "number" ? integer(1, dim) : text(2, dim)));
  const tensor = [integer(1, type), message(2, shape.flat())].flat();
  return [text(1, name), message(2, message(1, tensor))].flat();
}

const message = bytes;

function bytes(field: number, content: Message): Message {
  const length = content.reduce((sum, part) => sum + part.length, 0);
  return [varint(field * 8 + 2), varint(length), ...content];
}

function text(field: number, value: string): Message {
  return bytes(field, [new TextEncoder().encode(value)]);
}

function integer(field: number, value: number): Message {
  return [varint(field * 8), varint(value)];
}

function float(field: number, value: number): Message {
  const content = new Uint8Array(4);
  new DataView(content.buffer).setFloat32(0, value, true);
  return [varint(field * 8 + 5), content];
}

/** @param value not negative */
function varint(value: number): Uint8Array {
  const digits: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) digits.push((rest % 128) | 128);
  return Uint8Array.from([...digits, rest]);
}

function concatenate(parts: Message): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
