import { useRef } from "preact/hooks";
import type { FileKinds } from "#console/contract.ts";
import { readTopicIds } from "../../shell/topic-ids.ts";
import { type Choice, filesOfInput } from "./chosen-files.ts";

export interface AddOptions {
  /** Prepended to every id. */
  prefix: string;
  /** As typed. */
  topics: string;
}

interface AddFilesProps {
  options: AddOptions;
  /** `undefined` until they are known. */
  kinds: FileKinds | undefined;
  onOptions: (options: AddOptions) => void;
  onChosen: (choice: Choice) => void;
}

/** Buttons to choose files or a folder, and what their documents get. */
export function AddFiles({ options, kinds, onOptions, onChosen }: AddFilesProps) {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const areTopicsValid = readTopicIds(options.topics) !== undefined;
  const isDisabled = kinds === undefined || !areTopicsValid;
  const chosen = ({ currentTarget }: { currentTarget: HTMLInputElement }) => {
    onChosen(filesOfInput(currentTarget.files ?? []));
    // The same file can be chosen again.
    currentTarget.value = "";
  };
  return (
    <section class="add" aria-labelledby="add-title">
      <h2 id="add-title">Add documents</h2>
      <p>Drop files or folders anywhere on this page, or choose them.</p>
      <div class="actions">
        <button type="button" disabled={isDisabled} onClick={() => files.current?.click()}>
          Choose files
        </button>
        <button type="button" class="quiet" disabled={isDisabled} onClick={() => folder.current?.click()}>
          Choose a folder
        </button>
        <input ref={files} type="file" multiple hidden aria-label="Files" onChange={chosen} />
        <input
          ref={(input) => {
            folder.current = input;
            if (input) input.webkitdirectory = true;
          }}
          type="file"
          hidden
          aria-label="Folder"
          onChange={chosen}
        />
      </div>
      <details>
        <summary>Ids and topics</summary>
        <div class="fields">
          <label>
            Prefix of the ids
            <input
              value={options.prefix}
              placeholder="handbook/"
              onInput={({ currentTarget }) => onOptions({ ...options, prefix: currentTarget.value })}
            />
          </label>
          <label>
            Topics
            <input
              value={options.topics}
              placeholder="1, 2"
              aria-invalid={!areTopicsValid}
              aria-describedby="topics-hint"
              onInput={({ currentTarget }) => onOptions({ ...options, topics: currentTarget.value })}
            />
          </label>
        </div>
        <p id="topics-hint" class={areTopicsValid ? "muted small" : "invalid small"}>
          {areTopicsValid
            ? "An id is the path of the file in its folder, after the prefix: the same that npm run ingest gives it. Topics are whole numbers, which a question can be limited to."
            : "Topics are whole numbers, separated by commas."}
        </p>
      </details>
      {kinds && (
        <p class="muted small">
          {kinds.extensions.join(" ")}, up to {Math.round(kinds.max_bytes / 2 ** 20)} MB each
        </p>
      )}
    </section>
  );
}
