import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { ErrorOrKey } from "../shell/error-or-key.tsx";
import { Markdown } from "../shell/markdown/markdown.tsx";
import { CopyButton } from "../shell/parts.tsx";
import { dateTime } from "./date-time.ts";
import type { DocumentPage as StoredDocument } from "./documents-api.ts";
import { useDocument } from "./use-document.ts";

interface DocumentPageProps {
  id: string;
  /** The chunk to scroll to. */
  chunkId: string | undefined;
  isReady: boolean;
  onDelete: (id: string) => void;
}

/** A document: what is known of it, and its chunks. */
export function DocumentPage({ id, chunkId, isReady, onDelete }: DocumentPageProps) {
  const { document: shown, error, isLoading, more, again } = useDocument(id, chunkId, isReady);
  const isChunkThere = shown?.content.some(({ chunk_id }) => chunk_id === chunkId) ?? false;
  useEffect(() => {
    if (isChunkThere) document.getElementById(`chunk-${chunkId}`)?.scrollIntoView({ block: "start" });
    else scrollTo(0, 0);
  }, [isChunkThere, chunkId]);
  return (
    <article class="document-page">
      <nav aria-label="Breadcrumb">
        <a href="#/documents">Documents</a>
      </nav>
      <div class="title">
        <h1>{shown?.title || id}</h1>
        {shown && (
          <button type="button" class="quiet" onClick={() => onDelete(id)}>
            Delete
          </button>
        )}
      </div>
      {error !== undefined && <ErrorOrKey error={error} onKey={again} />}
      {shown && <Facts document={shown} />}
      {shown && (
        <ol class="chunks" aria-label="Chunks">
          {shown.content.map((chunk) => (
            <li
              key={chunk.chunk_id}
              class="chunk"
              id={`chunk-${chunk.chunk_id}`}
              aria-current={chunk.chunk_id === chunkId ? "true" : undefined}
            >
              <div class="title">
                <h2>{chunk.heading === "" ? `Chunk ${chunk.position + 1}` : chunk.heading}</h2>
                {chunk.heading !== "" && <span class="muted small">chunk {chunk.position + 1}</span>}
              </div>
              <Markdown text={chunk.text} headingLevel={3} />
            </li>
          ))}
        </ol>
      )}
      {shown?.next_cursor !== undefined && (
        <button type="button" class="quiet" disabled={isLoading} onClick={more}>
          Show more: {shown.content.length} of {shown.chunks} chunks are here
        </button>
      )}
    </article>
  );
}

function Facts({ document: { id, url, chunks, topic_ids, updated_at, metadata } }: { document: StoredDocument }) {
  return (
    <dl class="facts">
      <Fact name="Id">
        <code>{id}</code> <CopyButton text={id} label="Copy" />
      </Fact>
      {url !== undefined && (
        <Fact name="Address">
          {/^https?:\/\//i.test(url) ? (
            <a href={url} target="_blank" rel="noreferrer noopener">
              {url}
            </a>
          ) : (
            url
          )}
        </Fact>
      )}
      <Fact name="Chunks">{chunks.toLocaleString("en")}</Fact>
      {topic_ids.length > 0 && <Fact name="Topics">{topic_ids.join(", ")}</Fact>}
      {updated_at && (
        <Fact name="Updated">
          <time dateTime={updated_at}>{dateTime(updated_at)}</time>
        </Fact>
      )}
      {Object.entries(metadata).map(([name, value]) => (
        <Fact key={name} name={name}>
          <code>{JSON.stringify(value)}</code>
        </Fact>
      ))}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
