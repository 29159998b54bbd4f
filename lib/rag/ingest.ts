import { inStage, RagError, TooLargeError } from "./errors.ts";
import type { Call, Chunk, Chunker, DocumentRecord, EmbeddedChunk, Embedder, Metadata, VectorStore } from "./ports.ts";
import { textToEmbed } from "./text-to-embed.ts";
import { sha256, versionOf } from "./version.ts";
import { visibleText, withLineFeeds } from "./visible.ts";

export interface NewDocument {
  id: string;
  text: string;
  title?: string;
  url?: string;
  topicIds?: readonly number[];
  metadata?: Metadata;
}

export interface IngestedDocument {
  id: string;
  status: "created" | "updated" | "unchanged" | "failed";
  /** Chunks of this document in the store now. */
  chunks: number;
  error?: RagError;
}

export interface IngestResult {
  documents: IngestedDocument[];
  usage: { tokens: number };
}

/** When the signal is aborted, its reason is thrown; documents stored before stay stored. */
export interface IngestCall extends Call {
  /** Called with each document once it is stored, skipped or failed. */
  onDone?: (document: IngestedDocument) => void;
}

export type IngestDocuments = (documents: readonly NewDocument[], call?: IngestCall) => Promise<IngestResult>;

export interface IngestPorts {
  chunker: Chunker;
  embedder: Embedder;
  store: VectorStore;
}

/** UTF-16 code units of a document's chunks with the titles, headings and metadata that are stored with each. */
const MAX_STORED_CHARACTERS = 20_000_000;
/** Milliseconds of chunking after which other requests get a turn. */
const MAX_BUSY_MS = 20;

/**
 * The ingest pipeline: chunk → embed → upsert, each document all or nothing. A document that is already stored with the
 * same content and settings is skipped and embeds nothing; one that fails does not stop the others.
 *
 * @throws RagError (`upsert`) when the stored versions cannot be read
 */
export function createIngest({ chunker, embedder, store }: IngestPorts): IngestDocuments {
  async function replace(
    record: DocumentRecord,
    text: string,
    call: Call,
  ): Promise<{ chunks: number; tokens: number }> {
    const chunks = await inStage("chunk", `chunking document "${record.id}"`, () =>
      chunksOf(chunker, record, withLineFeeds(visibleText(text)), call),
    );
    const { vectors, tokens } = await inStage("embedding", `embedding document "${record.id}"`, () =>
      embedder.embed(
        chunks.map((chunk) => textToEmbed(record, chunk)),
        { ...call, kind: "passage" },
      ),
    );
    const owner = call.tenant === undefined ? [] : [call.tenant];
    const embedded = await Promise.all(
      chunks.map(async (chunk, position): Promise<EmbeddedChunk> => {
        const vector = vectors[position];
        if (!vector) throw new RagError("embedding", `${embedder.model} returned too few vectors for "${record.id}"`);
        return { ...chunk, id: uuidOf(await sha256([...owner, record.id, position, chunk.text])), position, vector };
      }),
    );
    await inStage("upsert", `storing document "${record.id}"`, () => store.replace(record, embedded, call));
    return { chunks: chunks.length, tokens };
  }

  return async (documents, { onDone, ...call } = {}) => {
    const known = await inStage("upsert", `reading versions from ${store.collection}`, () =>
      store.versions(
        documents.map(({ id }) => id),
        call,
      ),
    );
    const result: IngestResult = { documents: [], usage: { tokens: 0 } };
    for (const document of documents) {
      call.signal?.throwIfAborted();
      const { id } = document;
      const before = known.get(id);
      const record = await toRecord(document, embedder, chunker);
      const done: IngestedDocument = { id, status: "unchanged", chunks: before?.chunks ?? 0 };
      if (before?.version !== record.version) {
        try {
          const { chunks, tokens } = await replace(record, document.text, call);
          Object.assign(done, { status: before ? "updated" : "created", chunks });
          result.usage.tokens += tokens;
          known.set(id, { version: record.version, chunks });
        } catch (error) {
          call.signal?.throwIfAborted();
          if (!(error instanceof RagError)) throw error;
          Object.assign(done, { status: "failed", error });
        }
      }
      result.documents.push(done);
      onDone?.(done);
    }
    return result;
  };
}

/**
 * Chunks a document, pausing so that other requests are answered meanwhile: a large one takes seconds.
 *
 * @throws TooLargeError as soon as its chunks are too large, with the document's fields that are stored with each
 */
async function chunksOf(
  chunker: Chunker,
  { title, url = "", metadata }: DocumentRecord,
  text: string,
  { signal }: Call,
): Promise<Chunk[]> {
  const repeated = title.length + url.length + JSON.stringify(metadata).length;
  const chunks: Chunk[] = [];
  let characters = 0;
  let pausedAt = performance.now();
  for await (const chunk of chunker.chunk(text, title)) {
    characters += repeated + chunk.heading.length + chunk.text.length;
    if (characters > MAX_STORED_CHARACTERS) throw tooManyCharacters();
    chunks.push(chunk);
    if (performance.now() - pausedAt > MAX_BUSY_MS) {
      await new Promise((resolve) => setTimeout(resolve));
      signal?.throwIfAborted();
      pausedAt = performance.now();
    }
  }
  return chunks;
}

function tooManyCharacters(): TooLargeError {
  return new TooLargeError(
    `The document's chunks, with the title, headings and metadata that each repeats, have more than ` +
      `${MAX_STORED_CHARACTERS.toLocaleString("en")} characters. Split it, or shorten these.`,
  );
}

async function toRecord(document: NewDocument, embedder: Embedder, chunker: Chunker): Promise<DocumentRecord> {
  const { id, text, url, title = id, topicIds = [], metadata = {} } = document;
  const fields = [text, title, url ?? null, topicIds, metadata];
  const version = await versionOf([...fields, chunker.settings], embedder);
  return { id, title: visibleText(title) || id, ...(url !== undefined && { url }), topicIds, metadata, version };
}

/** The first 128 bits of a hash as a UUID version 8 (RFC 9562, section 5.8): vector stores take UUIDs as ids. */
function uuidOf(hash: string): string {
  const variant = ((Number.parseInt(hash.charAt(16), 16) & 0b0011) | 0b1000).toString(16);
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-${variant}${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}
