import type { ReindexResult } from "#providers/qdrant/reindex/reindex.ts";

interface Model {
  model: string;
  dimensions: number;
}

/** Of a dry run. */
export function describeDryRun(
  { source, target, resumed, documents, chunks, embedded, content }: ReindexResult,
  alias: string,
  { model, dimensions }: Model,
): string {
  if (target === undefined) return nothingToDo({ source, documents, chunks }, alias, { model, dimensions });
  const held = content ? `vectors of ${content.model} with ${content.dimensions} dimensions` : "another layout";
  return [
    `"${source}" holds ${documents} documents of ${chunks} chunks, as ${held}.`,
    `"${target}" ${resumed ? "was begun and would be completed" : "would be created"}: at most ${embedded} chunks would ` +
      `be embedded with ${model} (${dimensions} dimensions).`,
    `Then the alias "${alias}" would be switched to it. Nothing was changed.`,
  ].join("\n");
}

/** Of a run that is done. */
export function describeResult(
  { source, target, documents, chunks, embedded, tokens, late }: ReindexResult,
  alias: string,
  { model, dimensions }: Model,
): string {
  if (target === undefined) return nothingToDo({ source, documents, chunks }, alias, { model, dimensions });
  const lines = [
    `The alias "${alias}" now leads to "${target}": ${documents} documents of ${chunks} chunks, ${embedded} of them ` +
      `embedded now with ${model} (${dimensions} dimensions, ${tokens} tokens).`,
  ];
  if (late.length > 0) {
    const named = late.slice(0, 20).join(", ");
    const more = late.length > 20 ? ` and ${late.length - 20} more` : "";
    lines.push(`Changed during the switch, to be sent or deleted again: ${named}${more}.`);
  }
  return lines.join("\n");
}

function nothingToDo(
  { source, documents, chunks }: Pick<ReindexResult, "source" | "documents" | "chunks">,
  alias: string,
  { model, dimensions }: Model,
): string {
  const held = `${documents} documents of ${chunks} chunks`;
  return `The alias "${alias}" leads to "${source}", which holds ${held} for ${model} with ${dimensions} dimensions: nothing to do.`;
}
