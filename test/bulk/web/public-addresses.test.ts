import { describe, expect, it } from "vitest";
import { assertPublicHost, isPublicAddress, publicLookup } from "#bulk/web/public-addresses.ts";

describe("isPublicAddress", () => {
  it.each([
    ...["127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1"],
    ...[
      "169.254.169.254",
      "100.64.0.1",
      "100.127.255.255",
      "192.0.0.192",
      "198.18.0.1",
      "224.0.0.1",
      "255.255.255.255",
    ],
    ...[
      "::",
      "::1",
      "::ffff:127.0.0.1",
      "::ffff:8.8.8.8",
      "::127.0.0.1",
      "fe80::1",
      "fec0::1",
      "fc00::1",
      "fd00:ec2::254",
    ],
    ...["ff02::1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001::1", "2001:db8::1", "3fff::1", "100::1"],
    ...["fe80::1%eth0", "localhost", "", "127.1", "0177.0.0.1"],
  ])("%s is not", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each([
    ...[
      "8.8.8.8",
      "1.1.1.1",
      "172.15.255.255",
      "172.32.0.1",
      "100.63.255.255",
      "100.128.0.1",
      "169.253.1.1",
      "223.255.255.1",
    ],
    ...["2606:4700:4700::1111", "2a00:1450:4001::1", "2001:4860:4860::8888"],
  ])("%s is", (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});

describe("assertPublicHost", () => {
  it.each([
    ...[
      "http://127.0.0.1/",
      "http://127.1/",
      "http://2130706433/",
      "http://0x7f.1/",
      "http://0177.0.0.1/",
      "http://[::1]/",
    ],
    ...["http://[::ffff:7f00:1]/", "http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/", "http://0/"],
  ])("refuses %s, as URLs are read", (url) => {
    expect(() => assertPublicHost(new URL(url))).toThrow(/not a public address: --allow-private/);
  });

  it("leaves names to the lookup", () => {
    expect(() => assertPublicHost(new URL("http://localhost/"))).not.toThrow();
  });
});

describe("publicLookup", () => {
  it.each([true, false])("fails for a name that has private addresses only (all: %s)", async (all) => {
    const error = await new Promise((resolve) => publicLookup("localhost", { all }, resolve));
    expect(String(error)).toMatch(/localhost \((?:127\.0\.0\.1|::1)\) is not a public address/);
  });

  it("passes on that there is no such name", async () => {
    const error = await new Promise<NodeJS.ErrnoException | null>((resolve) =>
      publicLookup("host.invalid", { all: true }, resolve),
    );
    expect(error?.code).toMatch(/^(?:ENOTFOUND|EAI_AGAIN)$/);
  });
});
