/** How a request fails instead of its usual response. */
export type Failure =
  /** OpenAI's error body around `error`; `retry-after` and the like as headers. */
  | { kind: "status"; status: number; error?: ServiceError; headers?: Record<string, string> }
  /** This text as the body, with status 200 by default. */
  | { kind: "body"; text: string; contentType?: string; status?: number }
  /** A reset before the first byte or, with `midBody`, in the middle of the response. */
  | { kind: "reset"; midBody?: boolean }
  /** No response or, with `midBody`, headers and half of the body, then nothing. */
  | { kind: "silence"; midBody?: boolean }
  /** The usual response after this time. */
  | { kind: "slow"; ms: number };

export interface ServiceError {
  message: string;
  type?: string | null;
  code?: string | number | null;
  param?: string | null;
}
