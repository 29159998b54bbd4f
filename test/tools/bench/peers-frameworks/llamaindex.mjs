/** The pipeline in LlamaIndex.TS, built as its documentation shows. The framework has no embedding cache. */
import { OpenAI, OpenAIEmbedding } from "@llamaindex/openai";
import { QdrantVectorStore } from "@llamaindex/qdrant";
import { MetadataMode, Settings, VectorStoreIndex } from "llamaindex";
import { numbered, RULES, rerank, result } from "./prompt.mjs";

const { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseURL, QDRANT_URL, LLAMAINDEX_COLLECTION } = process.env;
Settings.llm = new OpenAI({ apiKey, baseURL, model: "gpt-4o-mini", temperature: 0 });
Settings.embedModel = new OpenAIEmbedding({ apiKey, baseURL, model: "text-embedding-3-small" });
const index = await VectorStoreIndex.fromVectorStore(
  new QdrantVectorStore({ url: QDRANT_URL, collectionName: LLAMAINDEX_COLLECTION }),
);
const retriever = index.asRetriever({ similarityTopK: 30 });

export async function handler(event) {
  const { question, top_k = 5 } = JSON.parse(event.body);
  const hits = await retriever.retrieve({ query: question });
  const texts = hits.map(({ node }) => node.getContent(MetadataMode.NONE));
  const ranked = await rerank(question, texts, top_k);
  const citations = ranked.map(({ index, relevance_score: score }) => {
    const { id_: chunk_id, metadata } = hits[index].node;
    return { chunk_id, document_id: metadata.document_id, title: metadata.title, score, text: texts[index] };
  });
  const { message } = await Settings.llm.chat({
    messages: [
      { role: "system", content: RULES },
      { role: "user", content: `Sources:\n${numbered(citations)}\n\nQuestion: ${question}` },
    ],
  });
  return result(message.content, citations);
}
