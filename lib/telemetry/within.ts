/** The longest delay `setTimeout` takes, in milliseconds: about 25 days. */
const FOREVER_MS = 2 ** 31 - 1;

/**
 * What `work` settles with, unless `ms` milliseconds pass first. The work itself goes on.
 *
 * @throws Error with the code "timeout" when the time is up.
 */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const limit = Math.max(0, Math.min(Math.round(ms), FOREVER_MS));
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(timeout(limit)), limit);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function timeout(ms: number): Error {
  return Object.assign(new Error(`no answer within ${ms} ms`), { code: "timeout" });
}
