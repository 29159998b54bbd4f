import { UsageError } from "#bulk/usage-error.ts";

export interface WebOptions {
  maxPages: number;
  delaySeconds: number;
  contact?: string;
  allowPrivate: boolean;
}

export interface WebArguments {
  pages?: string | undefined;
  delay?: string | undefined;
  contact?: string | undefined;
  "allow-private"?: boolean | undefined;
  root?: string | undefined;
}

const DEFAULT_PAGES = "1000";
const MAX_PAGES = 100_000;
const DEFAULT_DELAY = "0.5";
const MAX_DELAY_SECONDS = 3_600;
/** Goes into a header. */
const CONTACT = /^[!-~][ -~]{0,199}$/;

/** Whether an argument is an address of the web, and no path. */
function isAddress(target: string): boolean {
  return /^https?:\/\//i.test(target);
}

/**
 * @returns `undefined` when the targets are files
 * @throws UsageError
 */
export function readWebOptions(targets: readonly string[], values: WebArguments): WebOptions | undefined {
  const { pages = DEFAULT_PAGES, delay = DEFAULT_DELAY, contact, "allow-private": allowPrivate = false, root } = values;
  const addresses = targets.filter(isAddress);
  if (addresses.length === 0) {
    const given = (["pages", "delay", "contact", "allow-private"] as const).find((name) => values[name] !== undefined);
    if (given !== undefined)
      throw new UsageError(`--${given} is for addresses of the web, such as https://host/guide/`);
    return undefined;
  }
  if (addresses.length < targets.length) throw new UsageError("give addresses or files, not both in one run");
  if (root !== undefined) throw new UsageError("--root is for files; the id of a page is its address");
  const invalid = addresses.find((address) => !URL.canParse(address));
  if (invalid !== undefined) throw new UsageError(`${invalid} is not an http or https address`);
  const [maxPages, delaySeconds] = [Number(pages), Number(delay)];
  if (!Number.isInteger(maxPages) || maxPages < 1 || maxPages > MAX_PAGES) {
    throw new UsageError(`--pages takes a whole number from 1 to ${MAX_PAGES.toLocaleString("en")}`);
  }
  if (delay.trim() === "" || !(delaySeconds >= 0 && delaySeconds <= MAX_DELAY_SECONDS)) {
    throw new UsageError(`--delay takes a number of seconds from 0 to ${MAX_DELAY_SECONDS}`);
  }
  if (contact !== undefined && !CONTACT.test(contact)) {
    throw new UsageError("--contact takes an e-mail address or a URL, in ASCII");
  }
  return { maxPages, delaySeconds, allowPrivate, ...(contact !== undefined && { contact }) };
}
