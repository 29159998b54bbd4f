/**
 * The pipeline in LangChain.js, built as its documentation shows. The framework caches embeddings of documents but not
 * of questions, so the question is embedded as a document.
 */
import { CacheBackedEmbeddings } from "@langchain/classic/embeddings/cache_backed";
import { UpstashRedisStore } from "@langchain/community/storage/upstash_redis";
import { StringOutputParser } from "@langchain/core/output_parsers";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { QdrantVectorStore } from "@langchain/qdrant";
import { numbered, RULES, rerank, result, streamed } from "./prompt.mjs";

const { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseURL, QDRANT_URL, LANGCHAIN_COLLECTION, CANDIDATES } = process.env;
const model = "text-embedding-3-small";
const embeddings = CacheBackedEmbeddings.fromBytesStore(
  new OpenAIEmbeddings({ apiKey, model, configuration: { baseURL } }),
  new UpstashRedisStore({
    config: { url: process.env.UPSTASH_REDIS_REST_URL, token: process.env.UPSTASH_REDIS_REST_TOKEN },
  }),
  { namespace: model },
);
const store = await QdrantVectorStore.fromExistingCollection(embeddings, {
  url: QDRANT_URL,
  collectionName: LANGCHAIN_COLLECTION,
});
const prompt = ChatPromptTemplate.fromMessages([
  ["system", RULES],
  ["human", "Sources:\n{sources}\n\nQuestion: {question}"],
]);
const llm = new ChatOpenAI({ apiKey, model: "gpt-4o-mini", temperature: 0, configuration: { baseURL } });
const chain = prompt.pipe(llm).pipe(new StringOutputParser());

async function retrieve(question, top_k = 5) {
  const [vector] = await embeddings.embedDocuments([question]);
  const hits = await store.similaritySearchVectorWithScore(vector, Number(CANDIDATES));
  const texts = hits.map(([{ pageContent }]) => pageContent);
  const ranked = await rerank(question, texts, top_k);
  return ranked.map(({ index, relevance_score: score }) => {
    const [{ id, metadata, pageContent: text }] = hits[index];
    return { chunk_id: id, document_id: metadata.document_id, title: metadata.title, score, text };
  });
}

export async function handler(event) {
  const { question, top_k } = JSON.parse(event.body);
  const citations = await retrieve(question, top_k);
  return result(await chain.invoke({ sources: numbered(citations), question }), citations);
}

export const stream = streamed(async function* ({ question, top_k }) {
  const citations = await retrieve(question, top_k);
  yield ["citations", { citations }];
  for await (const text of await chain.stream({ sources: numbered(citations), question })) {
    if (text) yield ["delta", { text }];
  }
});
