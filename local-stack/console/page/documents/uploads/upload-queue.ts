import type { FileResult } from "#console/contract.ts";

export type UploadState =
  | { kind: "waiting" }
  /** `sent` is in [0, 1]. */
  | { kind: "uploading"; sent: number }
  | { kind: "reading" }
  | { kind: "stored"; result: Exclude<FileResult, { status: "failed" }> }
  | { kind: "failed"; reason: string }
  | { kind: "skipped"; reason: string }
  | { kind: "cancelled" };

/** A file in the list. It is replaced, not changed, when its state changes. */
export interface UploadItem {
  key: number;
  id: string;
  state: UploadState;
}

/** A file to send; or one that is only listed, with the reason. */
export type NewUpload<Source> =
  | { id: string; source: Source }
  | { id: string; skipped: string }
  | { id: string; failed: string };

export interface UploadQueue<Source> {
  items(): readonly UploadItem[];
  add(uploads: readonly NewUpload<Source>[]): void;
  /** Of one that waits or is being sent; of all without a key. */
  cancel(key?: number): void;
  /** Sends those again that failed or were cancelled. */
  retry(): void;
  /** Forgets those that are done. */
  clear(): void;
}

export interface UploadOptions<Source> {
  concurrency: number;
  /** @throws Error with the reason */
  send(id: string, source: Source, onSent: (share: number) => void, signal: AbortSignal): Promise<FileResult>;
  /** Called after each change of the list. */
  onChange(): void;
}

/** Sends files, a few at a time, in the order of the list. */
export function createUploadQueue<Source>({ concurrency, send, onChange }: UploadOptions<Source>): UploadQueue<Source> {
  let items: readonly UploadItem[] = [];
  const sources = new Map<number, Source>();
  const running = new Map<number, AbortController>();
  let lastKey = 0;

  function set(key: number, state: UploadState): void {
    items = items.map((item) => (item.key === key ? { ...item, state } : item));
    onChange();
  }

  function start(): void {
    while (running.size < concurrency) {
      const next = items.find(({ key, state }) => state.kind === "waiting" && !running.has(key));
      if (next === undefined) return;
      void run(next);
    }
  }

  async function run({ key, id }: UploadItem): Promise<void> {
    const source = sources.get(key);
    if (source === undefined) return;
    const controller = new AbortController();
    running.set(key, controller);
    set(key, { kind: "uploading", sent: 0 });
    const onSent = (sent: number) => {
      if (!controller.signal.aborted) set(key, sent < 1 ? { kind: "uploading", sent } : { kind: "reading" });
    };
    const state = await send(id, source, onSent, controller.signal).then(
      stateOf,
      (error: unknown): UploadState =>
        controller.signal.aborted ? { kind: "cancelled" } : { kind: "failed", reason: reasonOf(error) },
    );
    running.delete(key);
    if (state.kind === "stored") sources.delete(key);
    set(key, state);
    start();
  }

  return {
    items: () => items,
    add(uploads) {
      const added = uploads.map((upload): UploadItem => {
        lastKey += 1;
        if ("source" in upload) sources.set(lastKey, upload.source);
        return { key: lastKey, id: upload.id, state: firstStateOf(upload) };
      });
      items = [...items, ...added];
      onChange();
      start();
    },
    cancel(key) {
      const isMeant = (item: UploadItem) => key === undefined || item.key === key;
      items = items.map((item) =>
        isMeant(item) && item.state.kind === "waiting" ? { ...item, state: { kind: "cancelled" } } : item,
      );
      onChange();
      for (const [runningKey, controller] of running) {
        if (key === undefined || runningKey === key) controller.abort();
      }
    },
    retry() {
      items = items.map((item) =>
        sources.has(item.key) && (item.state.kind === "failed" || item.state.kind === "cancelled")
          ? { ...item, state: { kind: "waiting" } }
          : item,
      );
      onChange();
      start();
    },
    clear() {
      items = items.filter(({ state }) => isActive(state));
      const kept = new Set(items.map(({ key }) => key));
      for (const key of sources.keys()) if (!kept.has(key)) sources.delete(key);
      onChange();
    },
  };
}

/** Whether something is still to happen. */
export function isActive({ kind }: UploadState): boolean {
  return kind === "waiting" || kind === "uploading" || kind === "reading";
}

function firstStateOf(upload: NewUpload<unknown>): UploadState {
  if ("skipped" in upload) return { kind: "skipped", reason: upload.skipped };
  return "failed" in upload ? { kind: "failed", reason: upload.failed } : { kind: "waiting" };
}

function stateOf(result: FileResult): UploadState {
  return result.status === "failed" ? { kind: "failed", reason: result.reason } : { kind: "stored", result };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
