import { encodeOnnx, FLOAT, type Graph, INT8, INT32, type Node, type Tensor } from "./onnx.ts";
import { quantiseColumns, quantiseRows } from "./quantise.ts";
import type { ReadTensor } from "./safetensors.ts";

export const DIMENSIONS = 384;
/** In tokens, with the two at the ends: all-MiniLM-L6-v2 was trained on 128 and is used with 256. */
export const WINDOW = 256;
const LAYERS = 6;
const HEADS = 12;
const VOCABULARY = 30_522;
const EPSILON = 1e-12;

/**
 * Builds all-MiniLM-L6-v2 (BERT with 6 layers, https://arxiv.org/abs/1810.04805) as an ONNX file of 8-bit weights, 23 MB:
 * those of each output channel have their own scale, and activations are quantised as they come, as in ONNX Runtime's
 * dynamic quantisation (https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html).
 *
 * One scale for all activations of a layer also means that texts which are embedded together change each other's vectors
 * (a cosine of .98 was seen), so the graph takes one text.
 *
 * Inputs: `ids` [1 × tokens] and `positions` [tokens], int32. Output: `states` [1 × tokens × 384], one vector per token.
 */
export function buildMiniLm(read: ReadTensor): Uint8Array {
  const nodes: Node[] = [];
  const weights: Tensor[] = [];

  function weight(name: string, dims: readonly number[], data: Float32Array | Int8Array): string {
    weights.push({ name, type: data instanceof Int8Array ? INT8 : FLOAT, dims, data });
    return name;
  }

  function node(type: string, output: string, inputs: readonly string[], rest: Partial<Node> = {}): string {
    nodes.push({ type, inputs, outputs: [output], ...rest });
    return output;
  }

  /** Quantises activations: their 8-bit values, scale and zero point. */
  function quantised(input: string): string[] {
    const outputs = ["values", "scale", "zero"].map((part) => `${input}.${part}`);
    nodes.push({ type: "DynamicQuantizeLinear", inputs: [input], outputs });
    return outputs;
  }

  /** The linear layer of a name in the weights: input × its transposed weights + its bias. */
  function linear(output: string, [values = "", scale = "", zero = ""]: string[], name: string): string {
    const bias = read(`${name}.bias`);
    const { values: matrix, scales } = quantiseColumns(read(`${name}.weight`), bias.length);
    const inputs = [
      values,
      weight(`${output}.weight`, [matrix.length / bias.length, bias.length], matrix),
      scale,
      weight(`${output}.scales`, [bias.length], scales),
      zero,
      "",
      weight(`${output}.bias`, [bias.length], bias),
    ];
    return node("MatMulIntegerToFloat", output, inputs, { microsoft: true });
  }

  function normalised(output: string, a: string, b: string, name: string): string {
    const gamma = weight(`${output}.gamma`, [DIMENSIONS], read(`${name}.LayerNorm.weight`));
    const beta = weight(`${output}.beta`, [DIMENSIONS], read(`${name}.LayerNorm.bias`));
    return node("SkipLayerNormalization", output, [a, b, gamma, beta], {
      microsoft: true,
      floats: { epsilon: EPSILON },
    });
  }

  function layer(input: string, index: number): string {
    const from = `encoder.layer.${index}`;
    const to = (name: string) => `${index}.${name}`;
    const start = quantised(input);
    const projected = ["query", "key", "value"].map((name) =>
      linear(to(name), start, `${from}.attention.self.${name}`),
    );
    const attention = node("MultiHeadAttention", to("attention"), projected, {
      microsoft: true,
      integers: { num_heads: HEADS },
    });
    const attended = linear(to("attended"), quantised(attention), `${from}.attention.output.dense`);
    const middle = normalised(to("middle"), attended, input, `${from}.attention.output`);
    const inner = linear(to("inner"), quantised(middle), `${from}.intermediate.dense`);
    const active = node("FastGelu", to("active"), [inner], { microsoft: true });
    const outer = linear(to("outer"), quantised(active), `${from}.output.dense`);
    return normalised(index === LAYERS - 1 ? "states" : to("states"), outer, middle, `${from}.output`);
  }

  const words = quantiseRows(read("embeddings.word_embeddings.weight"), DIMENSIONS);
  const wordRows = node("Gather", "word.rows", [weight("words", [VOCABULARY, DIMENSIONS], words.values), "ids"]);
  const wordScales = node("Gather", "word.scales", [weight("scales", [VOCABULARY, 1], words.scales), "ids"]);
  const wordFloats = node("Cast", "word.floats", [wordRows], { integers: { to: FLOAT } });
  const scaled = node("Mul", "word.scaled", [wordFloats, wordScales]);
  const places = weight("places", [WINDOW, DIMENSIONS], placesOf(read));
  const placed = node("Gather", "placed", [places, "positions"]);
  const sum = node("Add", "embedded", [scaled, placed]);
  const gamma = weight("embedded.gamma", [DIMENSIONS], read("embeddings.LayerNorm.weight"));
  const beta = weight("embedded.beta", [DIMENSIONS], read("embeddings.LayerNorm.bias"));
  let states = node("LayerNormalization", "start", [sum, gamma, beta], { floats: { epsilon: EPSILON } });
  for (let index = 0; index < LAYERS; index += 1) states = layer(states, index);

  const graph: Graph = {
    nodes,
    weights,
    inputs: [
      { name: "ids", type: INT32, dims: [1, "tokens"] },
      { name: "positions", type: INT32, dims: ["tokens"] },
    ],
    outputs: [{ name: states, type: FLOAT, dims: [1, "tokens", DIMENSIONS] }],
  };
  return encodeOnnx(graph);
}

/** The embeddings of positions, with that of the first segment, in which all tokens are: [256 × 384]. */
function placesOf(read: ReadTensor): Float32Array {
  const segment = read("embeddings.token_type_embeddings.weight");
  const positions = read("embeddings.position_embeddings.weight").subarray(0, WINDOW * DIMENSIONS);
  return positions.map((value, index) => value + (segment[index % DIMENSIONS] ?? 0));
}
