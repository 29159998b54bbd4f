/** Names a visit or a campaign, not a page. */
const TRACKING =
  /^(?:utm_\w+|gclid|dclid|fbclid|msclkid|yclid|mc_cid|mc_eid|_ga|_gl|igshid|phpsessid|jsessionid|aspsessionid\w*|sid|sessionid|session_id)$/i;

/** Paths that are no documents, by their ending: pictures, sound, styles, programs and archives. */
const NO_DOCUMENT =
  /\.(?:png|jpe?g|gif|svgz?|webp|avif|ico|bmp|tiff?|mp[34]|m4[av]|webm|og[gv]|wav|mov|avi|css|m?js|map|json|woff2?|ttf|otf|eot|zip|gz|tgz|bz2|xz|7z|rar|jar|whl|exe|msi|dmg|pkg|deb|rpm|iso|apk|wasm|rss|atom)$/i;

/**
 * The address of a page, as one page has one: without fragment, parameters that name a visit, and session ids in the path.
 *
 * @returns `undefined` for what is no http or https URL
 */
export function pageAddress(address: string, base?: string): string | undefined {
  const url = URL.parse(address.trim(), base);
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:")) return undefined;
  url.hash = "";
  url.username = "";
  url.password = "";
  url.pathname = url.pathname.replace(/;(?:jsessionid|phpsessid|sid)=[^/;]*/gi, "");
  // Not through `searchParams`, which would write the other parameters in its own way.
  const kept = url.search.slice(1).split("&");
  const query = kept.filter((pair) => pair !== "" && !TRACKING.test(pair.split("=", 1)[0] ?? ""));
  url.search = query.length > 0 ? `?${query.join("&")}` : "";
  return url.href;
}

/** Whether the path may be a document's, by its ending. */
export function mayBeDocument(address: string): boolean {
  return !NO_DOCUMENT.test(new URL(address).pathname);
}

/** Whether both are on the same host and port, by http or https. */
export function isSameSite(one: string, other: string): boolean {
  return new URL(one).host === new URL(other).host;
}

/** Whether a site sends its visitors from one to the other: to https, or to or from `www.`. */
export function isSameOwner(one: string, other: string): boolean {
  const [a, b] = [new URL(one), new URL(other)];
  const bare = ({ host }: URL): string => host.replace(/^www\./, "");
  return bare(a) === bare(b);
}

/** The addresses that are read from a start page: those that begin with its folder. */
export function scopeOf(start: string): string {
  const { origin, pathname } = new URL(start);
  const [, folder = "/", name = ""] = /^(.*\/)([^/]*)$/.exec(pathname) ?? [];
  return origin + (name === "" || name.includes(".") ? folder : `${pathname}/`);
}
