import { type Degradation, RagError } from "./errors.ts";
import type { Citation } from "./ports.ts";

/** Generation failed; carries what was retrieved, which is still useful to the caller. */
export class UnansweredError extends RagError {
  override readonly name = "UnansweredError";
  readonly citations: readonly Citation[];
  readonly degraded: readonly Degradation[];

  constructor(failure: RagError, citations: readonly Citation[], degraded: readonly Degradation[]) {
    super("llm_generation", failure.message, { cause: failure.cause });
    this.citations = citations;
    this.degraded = degraded;
  }
}
