import type { Prefixes } from "#rag/ports.ts";

const SENTENCE = "Represent this sentence for searching relevant passages: ";
const INSTRUCTION = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: ";

/**
 * What models were trained with, from their model cards, by parts of the name: servers add an organisation, a tag or a file
 * ending, as in "intfloat/multilingual-e5-small", "nomic-embed-text:v1.5" or "bge-small-en-v1.5-q8_0.gguf".
 */
const KNOWN: readonly (readonly [model: RegExp, query: string, passage: string])[] = [
  [/nomic-embed-text|modernbert-embed/, "search_query: ", "search_document: "],
  [/qwen3-embedding|e5-mistral|e5-\w+-instruct|gte-qwen\d|sfr-embedding|linq-embed|nv-embed-v/, INSTRUCTION, ""],
  [/(?:^|[/_-])e5-(?:small|base|large)/, "query: ", "passage: "],
  [/bge-(?:small|base|large)-zh/, "为这个句子生成表示以用于检索相关文章：", ""],
  [/bge-(?:small|base|large)|mxbai-embed|uae-large/, SENTENCE, ""],
  [/snowflake-arctic-embed(?:2|-[ml]-v2)/, "query: ", ""],
  [/snowflake-arctic-embed/, SENTENCE, ""],
  [/embeddinggemma|embedding-gemma/, "task: search result | query: ", "title: none | text: "],
  // What `input_type` of Voyage's API puts before the text: https://docs.voyageai.com/reference/embeddings-api
  [/^voyage-/, "Represent the query for retrieving supporting documents: ", "Represent the document for retrieval: "],
];

interface ConfiguredPrefixes {
  queryPrefix?: string;
  passagePrefix?: string;
}

/** The prefixes of a model: those that are configured, or else what it was trained with; `undefined` when there are none. */
export function prefixesOf(model: string, { queryPrefix, passagePrefix }: ConfiguredPrefixes): Prefixes | undefined {
  const [, knownQuery = "", knownPassage = ""] = KNOWN.find(([name]) => name.test(model.toLowerCase())) ?? [];
  const prefixes = { query: queryPrefix ?? knownQuery, passage: passagePrefix ?? knownPassage };
  return prefixes.query || prefixes.passage ? prefixes : undefined;
}
