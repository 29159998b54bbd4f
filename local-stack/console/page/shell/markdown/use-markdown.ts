import { useEffect, useState } from "preact/hooks";
import type { MarkdownRequest, MarkdownResult } from "#console/contract.ts";
import { element, leaf, type MarkdownNode } from "#console/markdown/nodes.ts";
import { postJson } from "../http.ts";
import { requestsOf } from "./requests-of.ts";

/** Texts that are kept, with what was read of them. */
const MAX_KEPT = 500;

interface Waiting {
  text: string;
  resolve: (nodes: readonly MarkdownNode[]) => void;
}

const kept = new Map<string, readonly MarkdownNode[]>();
let waiting: Waiting[] = [];

export interface ReadText {
  nodes: readonly MarkdownNode[];
  /** Whether they are of all of the text. */
  isRead: boolean;
}

/**
 * A text as Markdown, which the console's server reads. Until it has, the text as it is; while a text grows, what it was
 * before.
 */
export function useMarkdown(text: string): ReadText {
  const [read, setRead] = useState<{ text: string; nodes: readonly MarkdownNode[] }>();
  const nodes = kept.get(text);
  const [isReading, setIsReading] = useState(false);
  useEffect(() => {
    if (nodes || isReading || read?.text === text) return;
    setIsReading(true);
    void readMarkdown(text).then((nodes) => {
      setRead({ text, nodes });
      setIsReading(false);
    });
  }, [text, nodes, isReading, read]);
  if (nodes) return { nodes, isRead: true };
  if (read && text.startsWith(read.text)) return { nodes: read.nodes, isRead: read.text === text };
  return { nodes: asIs(text), isRead: text === "" };
}

/** Texts that are asked for at the same time are one request. */
function readMarkdown(text: string): Promise<readonly MarkdownNode[]> {
  const { promise, resolve } = Promise.withResolvers<readonly MarkdownNode[]>();
  if (waiting.push({ text, resolve }) === 1) queueMicrotask(() => void sendWaiting());
  return promise;
}

async function sendWaiting(): Promise<void> {
  const asked = waiting;
  waiting = [];
  for (const part of requestsOf(asked)) {
    const request: MarkdownRequest = { texts: part.map(({ text }) => text) };
    // Without the server a text is shown as it is, and asked for again when it is shown again.
    const result = await postJson<MarkdownResult>("/console/api/markdown", request).catch(() => undefined);
    for (const [index, { text, resolve }] of part.entries()) {
      const nodes = result?.texts[index];
      if (nodes) keep(text, nodes);
      resolve(nodes ?? asIs(text));
    }
  }
}

function keep(text: string, nodes: readonly MarkdownNode[]): void {
  kept.set(text, nodes);
  for (const oldest of kept.keys()) {
    if (kept.size <= MAX_KEPT) return;
    kept.delete(oldest);
  }
}

function asIs(text: string): MarkdownNode[] {
  return text === "" ? [] : [element("paragraph", [leaf(text)])];
}
