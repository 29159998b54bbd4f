/** Fills the store in `RAG_DATA_DIR` and its embedding cache, in a process of its own: a model is loaded for it. */
import { createEmbedded } from "#compose/embedded.ts";
import { readConfig } from "#config/env.ts";
import { createAnswer } from "#rag/answer.ts";
import { createIngest } from "#rag/ingest.ts";
import { QUESTION } from "./events.ts";

const DOCUMENTS = [
  { id: "bees", title: "Bees", text: "Bees tell each other where flowers are by a waggle dance." },
  { id: "ants", title: "Ants", text: "Ants mark the way to food with scent, which fades unless others follow it." },
  { id: "owls", title: "Owls", text: "Owls hear where a mouse is, since one ear sits higher than the other." },
];

const ports = await createEmbedded(readConfig().dataDir);
await createIngest(ports)(DOCUMENTS);
const { citations } = await createAnswer(ports)({ question: QUESTION, topK: 5 });
ports.close();
if (citations.length === 0) throw new Error("The seeded store answers nothing.");
