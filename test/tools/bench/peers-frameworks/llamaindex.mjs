/** The pipeline in LlamaIndex.TS, built as its documentation shows. The framework has no embedding cache. */
import { OpenAI, OpenAIEmbedding } from "@llamaindex/openai";
import { QdrantVectorStore } from "@llamaindex/qdrant";
import { MetadataMode, Settings, VectorStoreIndex } from "llamaindex";
import { numbered, RULES, rerank, result, streamed } from "./prompt.mjs";

const { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseURL, QDRANT_URL, LLAMAINDEX_COLLECTION, CANDIDATES } = process.env;
Settings.llm = new OpenAI({ apiKey, baseURL, model: "gpt-4o-mini", temperature: 0 });
Settings.embedModel = new OpenAIEmbedding({ apiKey, baseURL, model: "text-embedding-3-small" });
const index = await VectorStoreIndex.fromVectorStore(
  new QdrantVectorStore({ url: QDRANT_URL, collectionName: LLAMAINDEX_COLLECTION }),
);
const retriever = index.asRetriever({ similarityTopK: Number(CANDIDATES) });

async function retrieve(question, top_k = 5) {
  const hits = await retriever.retrieve({ query: question });
  const texts = hits.map(({ node }) => node.getContent(MetadataMode.NONE));
  const ranked = await rerank(question, texts, top_k);
  return ranked.map(({ index, relevance_score: score }) => {
    const { id_: chunk_id, metadata } = hits[index].node;
    return { chunk_id, document_id: metadata.document_id, title: metadata.title, score, text: texts[index] };
  });
}

const messagesFor = (question, citations) => [
  { role: "system", content: RULES },
  { role: "user", content: `Sources:\n${numbered(citations)}\n\nQuestion: ${question}` },
];

export async function handler(event) {
  const { question, top_k } = JSON.parse(event.body);
  const citations = await retrieve(question, top_k);
  const { message } = await Settings.llm.chat({ messages: messagesFor(question, citations) });
  return result(message.content, citations);
}

export const stream = streamed(async function* ({ question, top_k }) {
  const citations = await retrieve(question, top_k);
  yield ["citations", { citations }];
  for await (const { delta } of await Settings.llm.chat({ messages: messagesFor(question, citations), stream: true })) {
    if (delta) yield ["delta", { text: delta }];
  }
});
