import { useEffect, useRef, useState } from "preact/hooks";
import type { LabResult } from "#console/contract.ts";
import { postJson } from "../shell/http.ts";
import { CANDIDATES } from "./rankings.ts";

export interface LabQuestion {
  question: string;
  topicIds: readonly number[];
}

export interface LabSearch {
  /** Of the last question that was answered. */
  result: LabResult | undefined;
  error: unknown;
  isSearching: boolean;
  search(question: LabQuestion): void;
}

/** One search at a time: another one ends the one before. */
export function useLab(): LabSearch {
  const [state, setState] = useState<Omit<LabSearch, "search">>({
    result: undefined,
    error: undefined,
    isSearching: false,
  });
  const running = useRef<AbortController | undefined>(undefined);

  async function run({ question, topicIds }: LabQuestion): Promise<void> {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    setState(({ result }) => ({ result, error: undefined, isSearching: true }));
    const topics = topicIds.length > 0 ? { topic_ids: topicIds } : {};
    try {
      const body = { question, top_k: CANDIDATES, ...topics };
      const result = await postJson<LabResult>("/console/api/lab", body, controller.signal);
      setState({ result, error: undefined, isSearching: false });
    } catch (error) {
      if (!controller.signal.aborted) setState({ result: undefined, error, isSearching: false });
    }
  }

  useEffect(() => () => running.current?.abort(), []);
  return { ...state, search: (question) => void run(question) };
}
