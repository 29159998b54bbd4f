/** A document that is being deleted. */
export interface PendingDelete {
  id: string;
  /** It can be undone while it waits. */
  state: "waiting" | "sent" | "failed";
  /** Why it was not deleted. */
  reason?: string;
}

export interface PendingDeletes {
  /** In the order in which they were asked for. */
  list(): readonly PendingDelete[];
  add(id: string): void;
  /** Keeps a document whose deletion waits, or forgets that it failed. */
  undo(id: string): void;
  /** Stops the clock, for somebody who reads or is about to undo; `false` starts it again. */
  hold(isHeld: boolean): void;
  /** Sends what waits, because the page is being left. */
  flush(): void;
}

export interface DeleteOptions {
  delayMs: number;
  /**
   * Deletes a document.
   *
   * @param isLeaving whether the page may be gone before the response
   * @throws Error with the reason
   */
  send(id: string, isLeaving: boolean): Promise<void>;
  /** Called after each change of the list. */
  onChange(): void;
  onDeleted(id: string): void;
}

/** Deletes documents after a delay in which it can be undone. */
export function createPendingDeletes({ delayMs, send, onChange, onDeleted }: DeleteOptions): PendingDeletes {
  let pending: readonly PendingDelete[] = [];
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  let isHeld = false;

  const set = (changed: readonly PendingDelete[]): void => {
    pending = changed;
    onChange();
  };
  const without = (id: string) => pending.filter((one) => one.id !== id);
  const replace = (changed: PendingDelete) => set(pending.map((one) => (one.id === changed.id ? changed : one)));

  function startTimer(id: string): void {
    timers.set(
      id,
      setTimeout(() => void execute(id, false), delayMs),
    );
  }

  function stopTimer(id: string): void {
    clearTimeout(timers.get(id));
    timers.delete(id);
  }

  async function execute(id: string, isLeaving: boolean): Promise<void> {
    stopTimer(id);
    replace({ id, state: "sent" });
    try {
      await send(id, isLeaving);
    } catch (error) {
      return replace({ id, state: "failed", reason: error instanceof Error ? error.message : String(error) });
    }
    onDeleted(id);
    set(without(id));
  }

  return {
    list: () => pending,
    add(id) {
      set([...without(id), { id, state: "waiting" }]);
      if (!isHeld) startTimer(id);
    },
    undo(id) {
      if (pending.some((one) => one.id === id && one.state === "sent")) return;
      stopTimer(id);
      set(without(id));
    },
    hold(held) {
      if (held === isHeld) return;
      isHeld = held;
      for (const { id, state } of pending) {
        stopTimer(id);
        if (!held && state === "waiting") startTimer(id);
      }
    },
    flush() {
      for (const { id, state } of pending) if (state === "waiting") void execute(id, true);
    },
  };
}
