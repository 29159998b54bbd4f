/** The longest delay `setTimeout` takes, in milliseconds: about 25 days. */
const FOREVER_MS = 2 ** 31 - 1;

/**
 * What `work` settles with, unless `ms` milliseconds pass first. The work itself goes on.
 *
 * @throws Error with the code "timeout" when the time is up.
 */
export function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const limit = Math.max(0, Math.min(Math.round(ms), FOREVER_MS));
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const timer = setTimeout(() => reject(timeout(limit)), limit);
  work.then(
    (value) => {
      clearTimeout(timer);
      resolve(value);
    },
    (error) => {
      clearTimeout(timer);
      reject(error);
    },
  );
  return promise;
}

function timeout(ms: number): Error {
  return Object.assign(new Error(`no answer within ${ms} ms`), { code: "timeout" });
}
