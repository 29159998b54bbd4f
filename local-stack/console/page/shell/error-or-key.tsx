import { HttpError } from "./http.ts";
import { KeyForm } from "./key-form.tsx";
import { ErrorNote } from "./parts.tsx";

/** What went wrong; and where the API key is missing or unknown, a field for it. */
export function ErrorOrKey({ error, onKey }: { error: unknown; onKey: () => void }) {
  return (
    <>
      <ErrorNote error={error} />
      {error instanceof HttpError && error.status === 401 && <KeyForm onSaved={onKey} />}
    </>
  );
}
