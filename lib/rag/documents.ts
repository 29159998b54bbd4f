/** Documents as they are stored: what is written to a store, and what is read from it. */

export type MetadataValue = string | number | boolean;
export type Metadata = Record<string, MetadataValue>;

/**
 * Restricts a search. All conditions must hold. A present but empty condition (`topicIds: []`, `metadata: {}`,
 * `metadata: {lang: []}`) matches nothing; an absent one does not restrict.
 */
export interface SearchFilter {
  /** The document has at least one of these topics. */
  topicIds?: readonly number[];
  /** For every key, the document's value equals one of the listed values (same type, same value). */
  metadata?: Readonly<Record<string, readonly MetadataValue[]>>;
}

/** A document as it is stored, without its text. */
export interface DocumentRecord {
  id: string;
  title: string;
  url?: string;
  topicIds: readonly number[];
  metadata: Metadata;
  /** Hash of everything that the stored chunks depend on: content, chunking settings, embedding model. */
  version: string;
}

/**
 * A piece of a document: a slice of its text, and the headings above it. A slice of a table or of fenced code also has the
 * lines that make it readable: the table's header, the fence.
 */
export interface Chunk {
  text: string;
  /** The headings above the slice, outermost first, joined by " > "; empty when there are none. */
  heading: string;
}

export interface ListRequest {
  /** Only documents whose id begins with it. */
  prefix?: string;
  filter?: SearchFilter;
  /** {@link Listing.next} of the page before. */
  cursor?: string;
  /** At most this many documents. */
  limit: number;
}

export interface ListedDocument extends Pick<DocumentRecord, "id" | "title" | "url" | "topicIds"> {
  /** How many it has. */
  chunks: number;
  /** When this version was stored, in milliseconds since 1970; absent where an earlier version of this program stored it. */
  updatedAt?: number;
}

/** A page of a list. It may have fewer documents than were asked for, even none: the list ends where `next` is absent. */
export interface Listing {
  documents: ListedDocument[];
  /** Opaque; where the next page begins. */
  next?: string;
}

export interface DocumentRequest {
  /** The document is only found if it passes. */
  filter?: SearchFilter;
  /** Position of the first chunk that is returned; default 0. */
  from?: number;
  /** At most this many chunks. */
  limit: number;
}

export interface StoredChunk extends Chunk {
  id: string;
  /** Position in the document, from 0. */
  position: number;
}

/** A document as it is stored, with some of its chunks. */
export interface StoredDocument extends ListedDocument {
  metadata: Metadata;
  /** In the order of the document. */
  content: StoredChunk[];
}
