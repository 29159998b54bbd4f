/** Small parts that every view uses. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { HttpError } from "./http.ts";

/** What went wrong, and the trace to look at. */
export function ErrorNote({ error }: { error: unknown }) {
  const { problem, retryAfterSeconds } = error instanceof HttpError ? error : {};
  return (
    <div class="note error" role="alert">
      <p>{error instanceof Error ? error.message : String(error)}</p>
      {retryAfterSeconds !== undefined && (
        <p>
          Try again in {retryAfterSeconds} {retryAfterSeconds === 1 ? "second" : "seconds"}.
        </p>
      )}
      {problem?.errors?.map(({ path, message }) => (
        <p key={path}>
          <code>{path || "/"}</code> {message}
        </p>
      ))}
      {problem?.trace_id && (
        <p>
          <a href={`#/traces/${problem.trace_id}`}>See the trace</a>
          {problem.stage && ` of the stage ${problem.stage}`}
        </p>
      )}
    </div>
  );
}

/** Shown in place of what has not happened yet. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [outcome, setOutcome] = useState<string>();
  const say = (text: string) => {
    setOutcome(text);
    setTimeout(() => setOutcome(undefined), 2000);
  };
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => say("Copied"),
      () => say("The browser refused to copy"),
    );
  };
  return (
    <button type="button" class="quiet" onClick={copy} aria-live="polite">
      {outcome ?? label}
    </button>
  );
}

export function ProgressBar({ done, total, label }: { done: number; total: number; label: string }) {
  return (
    <div class="progress">
      <progress value={done} max={total} aria-label={label} />
      <span class="number">
        {done} of {total}
      </span>
    </div>
  );
}
