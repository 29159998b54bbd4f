/**
 * The probe: loaded into an environment before the runtime client. Writes lines that begin with PROBE to stderr, since
 * a process that is about to exit or freeze cannot be queried: uncaught exceptions and, on SIGUSR2, the heap size after
 * a garbage collection (with `--expose-gc`).
 */
const PROBE = "[probe] ";
const report = (line: object) => process.stderr.write(`${PROBE}${JSON.stringify(line)}\n`);

// Not a listener: an `unhandledRejection` listener would keep alive a process that would exit on Lambda.
process.emit = new Proxy(process.emit, {
  apply(emit, self, [name, reason, ...more]) {
    if (name === "unhandledRejection" || name === "uncaughtException") {
      report({ uncaught: name, message: reason instanceof Error ? reason.stack : String(reason) });
    }
    return Reflect.apply(emit, self, [name, reason, ...more]);
  },
});

process.on("SIGUSR2", () => {
  globalThis.gc?.();
  const { heapUsed, rss, external } = process.memoryUsage();
  report({ heapUsed, rss, external });
});
