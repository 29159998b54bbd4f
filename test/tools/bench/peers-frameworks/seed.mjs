/** Reads chunks, `[{ id, text, metadata }]`, from stdin and stores them with each framework. */
import { json } from "node:stream/consumers";
import { OpenAIEmbeddings } from "@langchain/openai";
import { QdrantVectorStore as LangChainStore } from "@langchain/qdrant";
import { OpenAIEmbedding } from "@llamaindex/openai";
import { QdrantVectorStore } from "@llamaindex/qdrant";
import { Settings, storageContextFromDefaults, TextNode, VectorStoreIndex } from "llamaindex";

const { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseURL, QDRANT_URL: url } = process.env;
const chunks = await json(process.stdin);
const model = "text-embedding-3-small";

await LangChainStore.fromDocuments(
  chunks.map(({ id, text, metadata }) => ({ id, pageContent: text, metadata })),
  // By default 512 chunks, which are more tokens than OpenAI takes in a request.
  new OpenAIEmbeddings({ apiKey, model, batchSize: 256, configuration: { baseURL } }),
  { url, collectionName: process.env.LANGCHAIN_COLLECTION },
);

Settings.embedModel = new OpenAIEmbedding({ apiKey, baseURL, model });
await VectorStoreIndex.init({
  nodes: chunks.map(({ id, text, metadata }) => new TextNode({ id_: id, text, metadata })),
  storageContext: await storageContextFromDefaults({
    vectorStore: new QdrantVectorStore({ url, collectionName: process.env.LLAMAINDEX_COLLECTION }),
  }),
});
