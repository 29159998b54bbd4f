/** Deployments as osls keeps them in the bucket of a stack, by which `osls rollback` returns to one. */

/** The folder of a deployment: its template and its zip files. */
export interface Deployment {
  /** Milliseconds since 1970, as `osls rollback --timestamp` takes it. */
  timestamp: number;
  keys: string[];
}

/** Deployments in the bucket after one has succeeded, itself included. */
const KEPT = 5;

/** `serverless/edge-rag/staging/1795577816000-2026-11-25T03:36:56.000Z/query.zip`, as osls recognizes it. */
const KEY = /\/(\d+)-\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[^/]*\/[^/]+$/;

/** The timestamp of the deployment that a key in the bucket belongs to, if it belongs to one. */
export function timestampOf(key: string): number | undefined {
  const [, timestamp] = KEY.exec(key) ?? [];
  return timestamp === undefined ? undefined : Number(timestamp);
}

/** The deployments that these keys belong to, the oldest first. */
export function deploymentsIn(keys: readonly string[]): Deployment[] {
  const found = new Map<number, Deployment>();
  for (const key of keys) {
    const timestamp = timestampOf(key);
    if (timestamp === undefined) continue;
    const deployment = found.get(timestamp) ?? { timestamp, keys: [] };
    deployment.keys.push(key);
    found.set(timestamp, deployment);
  }
  return [...found.values()].toSorted((a, b) => a.timestamp - b.timestamp);
}

/**
 * The name of a new deployment's folder. It sorts after every other one, although clocks differ and two deployments can be
 * made at the same time: osls takes the last for the newest.
 *
 * @param stored the oldest first
 * @param now milliseconds since 1970
 */
export function nameAfter(stored: readonly Deployment[], now: number): string {
  const latest = stored.at(-1)?.timestamp ?? 0;
  const timestamp = Math.max(now, latest + 1);
  return `${timestamp}-${new Date(timestamp).toISOString()}`;
}

/**
 * The deployments that can go when a new one has succeeded. The one that ran before stays, as a rollback may need it, with
 * those before it, up to five in all. Newer ones go: they failed, or were rolled back.
 *
 * @param stored all others in the bucket when the new one began, the oldest first
 * @param before the timestamp of the one that ran then, if there was one
 */
export function superseded(stored: readonly Deployment[], before: number | undefined): Deployment[] {
  const ran = stored.filter(({ timestamp }) => before !== undefined && timestamp <= before);
  return [...ran.slice(0, 1 - KEPT), ...stored.slice(ran.length)];
}
