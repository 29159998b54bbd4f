import { lookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { UnreadableError } from "#bulk/readers/unreadable.ts";

/** https://www.iana.org/assignments/iana-ipv4-special-registry: all that is not globally reachable, and multicast. */
const RESERVED_V4 = [
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"],
  ...["192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"],
  ...["224.0.0.0/4", "240.0.0.0/4"],
];
/** Global unicast is this block (https://www.iana.org/assignments/ipv6-unicast-address-assignments), without those below. */
const GLOBAL_V6 = ["2000::/3"];
/** Protocol assignments with Teredo, documentation, and 6to4, which wraps an IPv4 address. */
const RESERVED_V6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

const reservedV4 = listOf(RESERVED_V4, "ipv4");
const reservedV6 = listOf(RESERVED_V6, "ipv6");
const globalV6 = listOf(GLOBAL_V6, "ipv6");

/** Whether an IP address is one of the public internet. One that wraps an IPv4 address (`::ffff:…`, `64:ff9b::…`) is not. */
export function isPublicAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 4) return !reservedV4.check(address);
  return version === 6 && globalV6.check(address, "ipv6") && !reservedV6.check(address, "ipv6");
}

/** @throws UnreadableError for a host that is a private address; names are checked when they are looked up */
export function assertPublicHost({ hostname }: URL): void {
  const host = hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw privateAddress(host);
}

/**
 * Looks a name up as Node.js does, for `options.lookup` of a connection: it connects to an address that is returned here,
 * and to no other, whatever the name resolves to a moment later. Fails for a name that has private addresses only.
 */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, []);
    const allowed = addresses.filter(({ address }) => isPublicAddress(address));
    const [first] = allowed;
    if (!first) return callback(privateAddress(hostname, addresses[0]?.address), []);
    if (options.all) callback(null, allowed);
    else callback(null, first.address, first.family);
  });
};

function privateAddress(host: string, address = host): UnreadableError {
  const which = address === host ? host : `${host} (${address})`;
  return new UnreadableError(`${which} is not a public address: --allow-private reads it`);
}

function listOf(blocks: readonly string[], family: "ipv4" | "ipv6"): BlockList {
  const list = new BlockList();
  for (const block of blocks) {
    const [network = "", bits] = block.split("/");
    list.addSubnet(network, Number(bits), family);
  }
  return list;
}
