import { useState } from "preact/hooks";
import { apiKey } from "./http.ts";

/** Asks for the API key, which stays in this tab. */
export function KeyForm({ onSaved }: { onSaved: () => void }) {
  const [key, setKey] = useState(apiKey.get);
  const save = (event: Event) => {
    event.preventDefault();
    apiKey.set(key);
    onSaved();
  };
  return (
    <form class="key-form" onSubmit={save}>
      <label>
        API key
        <input
          type="password"
          autocomplete="off"
          value={key}
          placeholder="erag_…"
          onInput={({ currentTarget }) => setKey(currentTarget.value)}
        />
      </label>
      <button type="submit" disabled={key.trim() === ""}>
        Use this key
      </button>
      <p class="muted small">
        Requests need one: RAG_API_KEYS is set. It is kept in this tab alone, and forgotten when the tab is closed.
      </p>
    </form>
  );
}
