import type { ReindexResult } from "#providers/qdrant/reindex/reindex.ts";

interface Model {
  model: string;
  dimensions: number;
}

/** The report of a dry run. */
export function describeDryRun(
  { source, target, resumed, documents, chunks, embedded, content }: ReindexResult,
  alias: string,
  { model, dimensions }: Model,
): string {
  if (target === undefined) return nothingToDo({ source, documents, chunks }, alias, { model, dimensions });
  const layout = content ? `vectors of ${content.model} with ${content.dimensions} dimensions` : "another layout";
  return [
    `"${source}" has ${documents} documents with ${chunks} chunks: ${layout}.`,
    `"${target}" ${resumed ? "was started and would be completed" : "would be created"}: at most ${embedded} chunks ` +
      `would be embedded with ${model} (${dimensions} dimensions).`,
    `Then the alias "${alias}" would be switched to it. Nothing was changed.`,
  ].join("\n");
}

/** The report of a completed run. */
export function describeResult(
  { source, target, documents, chunks, embedded, tokens, late }: ReindexResult,
  alias: string,
  { model, dimensions }: Model,
): string {
  if (target === undefined) return nothingToDo({ source, documents, chunks }, alias, { model, dimensions });
  const lines = [
    `The alias "${alias}" now points to "${target}": ${documents} documents with ${chunks} chunks, ${embedded} of them ` +
      `newly embedded with ${model} (${dimensions} dimensions, ${tokens} tokens).`,
  ];
  if (late.length > 0) {
    const named = late.slice(0, 20).join(", ");
    const more = late.length > 20 ? ` and ${late.length - 20} more` : "";
    lines.push(`Changed during the switch; send or delete them again: ${named}${more}.`);
  }
  return lines.join("\n");
}

function nothingToDo(
  { source, documents, chunks }: Pick<ReindexResult, "source" | "documents" | "chunks">,
  alias: string,
  { model, dimensions }: Model,
): string {
  const content = `${documents} documents with ${chunks} chunks`;
  return `Nothing to do: the alias "${alias}" points to "${source}", which has ${content} for ${model} with ${dimensions} dimensions.`;
}
