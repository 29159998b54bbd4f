import { useEffect, useState } from "preact/hooks";
import type { SupportRequest, SupportResult } from "#console/contract.ts";
import { postJson } from "../../shell/http.ts";

export interface SupportState {
  support?: SupportResult;
  error?: unknown;
}

/** How far the citations support the answer, which the console's server computes. */
export function useSupport({ answer, citations }: SupportRequest): SupportState {
  const [state, setState] = useState<SupportState>({});
  useEffect(() => {
    const controller = new AbortController();
    postJson<SupportResult>("/console/api/support", { answer, citations }, controller.signal).then(
      (support) => setState({ support }),
      (error: unknown) => {
        if (!controller.signal.aborted) setState({ error });
      },
    );
    return () => controller.abort();
  }, [answer, citations]);
  return state;
}
