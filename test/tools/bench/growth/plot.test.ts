import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { drawGrowth } from "./plot.ts";

it("draws each line by how many times its first value it is, and says so in words", () => {
  const svg = drawGrowth("What grows", [
    {
      title: "by environments",
      ticks: ["1", "10"],
      lines: [
        { name: "memory", colour: "red", values: [50, 400] },
        { name: "series", colour: "blue", values: [7, 7] },
      ],
    },
  ]);
  expect(svg).toContain("by environments: memory 8×, series 1×.");
  const ends = [...svg.matchAll(/class="line" d="M[\d.]+ ([\d.]+)L[\d.]+ ([\d.]+)"/g)].map(([, from, to]) => [
    from,
    to,
  ]);
  // The lines begin together; three of eight steps of the axis are between 1× and 8×.
  expect(ends).toEqual([
    ["203.5", "148"],
    ["203.5", "203.5"],
  ]);
});

it("was drawn for BENCHMARKS, for light and dark themes and with a text alternative", () => {
  const svg = readFileSync("docs/images/growth.svg", "utf8");
  expect(svg).toMatch(/^<svg [^>]*role="img"[^>]*>\n<title [^>]*>[^<]+<\/title>\n<desc [^>]*>[^<]+<\/desc>/);
  expect(svg).toContain("prefers-color-scheme:dark");
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  expect(readFileSync("docs/BENCHMARKS.md", "utf8")).toContain("](images/growth.svg)");
});
