import { describe, expect, it } from "vitest";
import { isSameOwner, isSameSite, mayBeDocument, pageAddress, scopeOf } from "#bulk/web/address.ts";

describe("pageAddress", () => {
  it.each([
    ["https://Example.COM:443/a#part", "https://example.com/a"],
    ["https://e.org/a?utm_source=x&page=2&utm_medium=y", "https://e.org/a?page=2"],
    ["https://e.org/a?fbclid=1", "https://e.org/a"],
    ["https://e.org/a;jsessionid=0A1B?x=1", "https://e.org/a?x=1"],
    ["https://e.org/a?PHPSESSID=1&q=a+b%20c&empty=", "https://e.org/a?q=a+b%20c&empty="],
    ["https://e.org/a?", "https://e.org/a"],
    ["https://user:secret@e.org/", "https://e.org/"],
    ["  https://e.org/x/../y/./z  ", "https://e.org/y/z"],
    ["https://e.org", "https://e.org/"],
    ["https://e.org/caf\u00e9", "https://e.org/caf%C3%A9"],
  ])("%s is %s", (address, expected) => {
    expect(pageAddress(address)).toBe(expected);
  });

  it.each(["mailto:a@e.org", "javascript:alert(1)", "ftp://e.org/", "file:///etc/passwd", "//", "http://"])(
    "%s is none",
    (address) => {
      expect(pageAddress(address)).toBeUndefined();
    },
  );

  it("is relative to a base", () => {
    expect(pageAddress("../b#c", "https://e.org/x/y/")).toBe("https://e.org/x/b");
    expect(pageAddress("//other.org/", "https://e.org/")).toBe("https://other.org/");
  });
});

it.each([
  ["https://e.org/", "https://e.org/"],
  ["https://e.org/guide/", "https://e.org/guide/"],
  ["https://e.org/guide/intro.html", "https://e.org/guide/"],
  ["https://e.org/guide", "https://e.org/guide/"],
  ["https://e.org/index.php?x=1", "https://e.org/"],
])("from %s those below %s are read", (start, scope) => {
  expect(scopeOf(start)).toBe(scope);
});

it("a site is its host and port, whether by http or https", () => {
  expect(isSameSite("http://e.org/a", "https://e.org/b")).toBe(true);
  expect(isSameSite("https://e.org/", "https://e.org:8443/")).toBe(false);
  expect(isSameSite("https://e.org/", "https://docs.e.org/")).toBe(false);
  expect(isSameSite("https://e.org/", "https://e.org.evil.org/")).toBe(false);
});

it("a start may redirect to https, and to or from www, only", () => {
  expect(isSameOwner("http://e.org/", "https://www.e.org/start")).toBe(true);
  expect(isSameOwner("https://www.e.org/", "https://e.org/")).toBe(true);
  expect(isSameOwner("https://e.org/", "https://login.e.org/")).toBe(false);
  expect(isSameOwner("http://e.org:8080/", "http://e.org/")).toBe(false);
});

it("pictures, archives and programs are no documents, by their ending", () => {
  const documents = ["https://e.org/a", "https://e.org/a.html", "https://e.org/a.pdf?x=a.png", "https://e.org/v1.2/"];
  expect(documents.filter(mayBeDocument)).toEqual(documents);
  const others = ["https://e.org/a.PNG", "https://e.org/a.tar.gz", "https://e.org/a.js?v=1"];
  expect(others.filter(mayBeDocument)).toEqual([]);
});
