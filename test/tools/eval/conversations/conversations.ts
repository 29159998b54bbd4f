import { join } from "node:path";
import * as z from "zod/mini";
import type { NewDocument } from "#rag/ingest.ts";
import { DatasetError, readJsonLines } from "../dataset.ts";

/** Those that the rule was chosen with, and those that it was only measured with. */
export const HALVES = ["test/fixtures/conversations/tuning", "test/fixtures/conversations/held-out"] as const;

/** What a user asks in turn; the service's own answers come in between. */
export interface Conversation {
  id: string;
  turns: string[];
  /** The last turn, spelled out by hand. */
  standalone: string;
  /** Ids of the documents that answer the last turn. */
  pages: string[];
}

export interface Conversations {
  /** The last turn cannot be understood without those before it. */
  followUps: Conversation[];
  /** The last turn stands alone, whatever was said before. */
  complete: Pick<Conversation, "id" | "turns">[];
}

const turns = z.array(z.string()).check(z.minLength(2));
const followUp = z.object({
  _id: z.string(),
  turns,
  standalone: z.string(),
  pages: z.array(z.string()).check(z.minLength(1)),
  /** Words of the answer, one of which must be on one of the pages. */
  answers: z.array(z.string()).check(z.minLength(1)),
});
const complete = z.object({ _id: z.string(), turns });

/**
 * Reads `follow-ups.jsonl` and `complete.jsonl` of folders.
 *
 * @throws DatasetError for an invalid line, and for a follow-up with no word of its answer on any of its pages
 */
export function loadConversations(folders: readonly string[], documents: readonly NewDocument[]): Conversations {
  const texts = new Map(documents.map(({ id, text }) => [id, plain(text)]));
  const read = folders.map((folder) => ({
    followUps: readJsonLines(join(folder, "follow-ups.jsonl"), followUp).map(({ _id: id, answers, ...rest }) => {
      const text = rest.pages.map((page) => texts.get(page) ?? "").join("\n");
      if (answers.some((answer) => text.includes(plain(answer)))) return { id, ...rest };
      throw new DatasetError(`${folder}: ${id}: none of its answers is on ${rest.pages.join(", ")}`);
    }),
    complete: readJsonLines(join(folder, "complete.jsonl"), complete).map(({ _id: id, turns }) => ({ id, turns })),
  }));
  return {
    followUps: read.flatMap(({ followUps }) => followUps),
    complete: read.flatMap(({ complete }) => complete),
  };
}

const plain = (text: string) => text.toLowerCase().replace(/\s+/g, " ");
