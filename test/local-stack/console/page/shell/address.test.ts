import { describe, expect, it } from "vitest";
import { addressOf, readAddress } from "#console/page/shell/address.ts";

describe("an address", () => {
  it.each(["docs/API.md", "100 % sure?", "a#b", "ä/ö", "..", "<b>"])('reads back the id "%s"', (id) => {
    expect(readAddress(addressOf(["documents", id])).path).toEqual(["documents", id]);
  });

  it("reads back what is asked for", () => {
    const { path, query } = readAddress(addressOf(["traces"], { route: "/query", failed: "1" }));
    expect([path, Object.fromEntries(query)]).toEqual([["traces"], { route: "/query", failed: "1" }]);
  });

  it.each([
    ["", []],
    ["#", []],
    ["#/", []],
    ["#/ask", ["ask"]],
    ["#/documents/%E0%A4%A", ["documents", "%E0%A4%A"]],
  ])('reads what people type: "%s"', (hash, path) => {
    expect(readAddress(hash).path).toEqual(path);
  });
});
