/** `npm run sample-vectors`: embeds the sample corpus for the first start of `npm run dev`, after its pages changed. */
import { join } from "node:path";
import { loadSampleCorpus } from "./corpus.ts";
import { recordVectors } from "./sample-vectors.ts";

const { chunks, embedded } = await recordVectors(await loadSampleCorpus(join(import.meta.dirname, "../..")));
console.log(`${chunks} chunks of the sample corpus have a vector, ${embedded} of them new.`);
