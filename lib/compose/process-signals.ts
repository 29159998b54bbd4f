/** Exit codes of a process that a signal ended: 128 and its number. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

type Signal = keyof typeof EXIT_CODES;

/**
 * Waits for the first of some signals; a second one ends the process at once. It listens from the start: as process 1 of a
 * container, a process gets only those signals that it listens for.
 */
export class ProcessSignals {
  readonly first: Promise<Signal>;

  constructor(names: readonly Signal[]) {
    const { promise, resolve } = Promise.withResolvers<Signal>();
    let isSecond = false;
    for (const name of names) {
      process.on(name, () => {
        if (isSecond) process.exit(EXIT_CODES[name]);
        isSecond = true;
        resolve(name);
      });
    }
    this.first = promise;
  }
}
