import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { Prefixes } from "#rag/ports.ts";

/** What a folder says about its model. */
export interface ModelFolder {
  /** The folder's name. */
  name: string;
  dimensions: number;
  /** How a text's vector is made of those of its tokens. */
  pooling: "mean" | "cls";
  /** Tokens that the model reads of a text. */
  window: number;
  /** Those that its authors put before each text, where the folder has them. */
  prefixes?: Prefixes;
  graphPath: string;
  tokenizerPath: string;
}

/** The smallest first: 8-bit weights take a quarter of the memory. */
const GRAPHS = ["model_quantized.onnx", "model_int8.onnx", "model.onnx"].flatMap((name) => [join("onnx", name), name]);
/** Of BERT and its successors; a longer window would be too slow in this process. */
const LONGEST_WINDOW = 512;
const KNOWN_MODULES = /\.(?:Transformer|Pooling|Normalize)$/;
const HELP =
  "RAG_LOCAL_MODEL is the folder of a sentence-transformers model as on huggingface.co, with config.json, " +
  "tokenizer.json and onnx/model.onnx (or model_quantized.onnx).";

/**
 * Reads what a folder of a sentence-transformers model (https://sbert.net) says about it.
 *
 * @throws Error when there is no such folder, a file is missing, or the model is of a kind that is not supported
 */
export function readModelFolder(folder: string): ModelFolder {
  const at = (...path: string[]) => join(folder, ...path);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new Error(`there is no folder ${folder}. ${HELP}`);
  }
  const graph = GRAPHS.find((path) => existsSync(at(path)));
  const missing = [
    ...["config.json", "tokenizer.json"].filter((name) => !existsSync(at(name))),
    ...(graph ? [] : [join("onnx", "model.onnx")]),
  ];
  if (missing.length > 0 || graph === undefined) throw new Error(`${folder} has no ${missing.join(", no ")}. ${HELP}`);

  const config = readJson(at("config.json"));
  const dimensions = config?.hidden_size ?? config?.dim ?? config?.d_model;
  if (!Number.isInteger(dimensions)) throw new Error(`${at("config.json")} has no hidden_size. ${HELP}`);
  const modules = readJson(at("modules.json"));
  for (const { type = "" } of Array.isArray(modules) ? modules : []) {
    if (!KNOWN_MODULES.test(type))
      throw new Error(`the model in ${folder} has a module ${type}, which is not supported.`);
  }
  const prompts = readJson(at("config_sentence_transformers.json"))?.prompts;
  const passage = prompts?.passage ?? prompts?.document;
  const limits = [
    readJson(at("sentence_bert_config.json"))?.max_seq_length,
    readJson(at("tokenizer_config.json"))?.model_max_length,
    config?.max_position_embeddings,
  ];
  return {
    name: basename(resolve(folder)),
    dimensions,
    pooling: poolingOf(at("1_Pooling", "config.json")),
    window: Math.min(LONGEST_WINDOW, ...limits.filter((limit) => Number.isInteger(limit) && limit > 2)),
    ...((prompts?.query || passage) && { prefixes: { query: prompts?.query ?? "", passage: passage ?? "" } }),
    graphPath: at(graph),
    tokenizerPath: at("tokenizer.json"),
  };
}

/** Absent: the mean, as in sentence-transformers. */
function poolingOf(path: string): "mean" | "cls" {
  const config = readJson(path);
  if (!config || config.pooling_mode_mean_tokens || config.pooling_mode === "mean") return "mean";
  if (config.pooling_mode_cls_token || config.pooling_mode === "cls") return "cls";
  throw new Error(`${path} asks for a pooling that is not supported: the mean and the first token (cls) are.`);
}

// biome-ignore lint/suspicious/noExplicitAny: files of others, each value of which is checked where it is used
function readJson(path: string): any {
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new Error(`${path} is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}
