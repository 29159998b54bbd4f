/**
 * Loaded into an environment before the runtime client. Reports on standard error, in lines that begin with PROBE,
 * what a process that is about to die or to be frozen cannot be asked: exceptions that nobody caught, and on SIGUSR2
 * the heap after a collection (with `--expose-gc`).
 */
const PROBE = "[probe] ";
const report = (line: object) => process.stderr.write(`${PROBE}${JSON.stringify(line)}\n`);

// Not a listener: one for unhandled rejections would keep a process alive that Lambda would lose.
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
