import { describe, expect, it } from "vitest";
import { read } from "./office/_office.ts";

const lines = (...all: string[]) => all.join("\n");
const textOf = async (extension: string, ...all: string[]) => (await read(lines(...all), extension)).text.trim();

describe("reStructuredText", () => {
  it("has headings by the order of their underlines, and the first as title", async () => {
    const { text, title } = await read(lines("====", "Bees", "====", "", "Dances", "------", "", "Round.", ""), ".rst");
    expect({ text: text.trim(), title }).toEqual({ text: "# Bees\n\n## Dances\n\nRound.", title: "Bees" });
  });

  it.each<[string, string[], string]>([
    ["code", ["Run::", "", "    bees --dance", "", "Then."], "Run:\n\n```\nbees --dance\n```\n\nThen."],
    ["code of a language", [".. code-block:: sh", "   :linenos:", "", "   bees"], "```sh\nbees\n```"],
    ["notes", [".. note:: Mind the", "   bees."], "**Note:** Mind the\nbees."],
    ["what an option does", [".. option:: --keep", "", "   Keeps them."], "**--keep**\n\nKeeps them."],
    ["roles", ["See :ref:`the dance <dance>` and :class:`~bees.Swarm`."], "See the dance and Swarm."],
    ["links over lines", ["See `the", "hive <https://a.example/>`_ [1]_."], "See [the\nhive](https://a.example/)."],
    ["substitutions", ["|b| dance.", "", ".. |b| replace:: Bees"], "Bees dance."],
  ])("keeps %s", async (_, source, expected) => {
    expect(await textOf(".rst", ...source)).toBe(expected);
  });

  it("does not show comments, targets and lists that a program makes", async () => {
    const hidden = [".. comment", ".. _target:", "", ".. toctree::", "   :maxdepth: 2", "", "   a", ""];
    expect(await textOf(".rst", "Bees.", "", ...hidden, "Wasps.")).toBe("Bees.\n\nWasps.");
  });

  it.each([
    [["===== =====", "Name  Age", "===== =====", "Ann   30", "Bob   41", "===== ====="]],
    [
      [
        "+-----+-----+",
        "|Name | Age |",
        "+=====+=====+",
        "|Ann  | 30  |",
        "+-----+-----+",
        "|Bob  | 41  |",
        "+-----+-----+",
      ],
    ],
  ])("has tables with the names of their columns", async (table) => {
    expect(await textOf(".rst", ...table)).toBe("| Name | Age |\n| --- | --- |\n| Ann | 30 |\n| Bob | 41 |");
  });
});

describe("AsciiDoc", () => {
  it("has its headings, and its title", async () => {
    const { text, title } = await read(lines("= Bees", ":toc:", "", "== Dances", "", "Round."), ".adoc");
    expect({ text: text.trim(), title }).toEqual({ text: "# Bees\n\n## Dances\n\nRound.", title: "Bees" });
  });

  it.each<[string, string[], string]>([
    ["code", ["[source,sh]", "----", "bees --dance <1>", "----"], "```sh\nbees --dance\n```"],
    ["lists", ["* one", "** two", ". three"], "* one\n  * two\n1. three"],
    ["terms", ["Bee:: dances"], "**Bee**: dances"],
    ["notes", ["[NOTE]", "====", "Mind them.", "===="], "**Note:**\nMind them."],
    [
      "links",
      ["See https://a.example/[the hive] and <<dance,dances>>."],
      "See [the hive](https://a.example/) and dances.",
    ],
    ["attributes", [":b: Bees", "", "{b} dance, {unknown}."], "Bees dance, {unknown}."],
    [
      "tables",
      ["|===", "|Name |Age", "", "|Ann |30", "|Bob", "|41", "|==="],
      "| Name | Age |\n| --- | --- |\n| Ann | 30 |\n| Bob | 41 |",
    ],
  ])("keeps %s", async (_, source, expected) => {
    expect(await textOf(".adoc", ...source)).toBe(expected);
  });

  it("does not show comments, anchors and directives", async () => {
    const hidden = [
      "// comment",
      "////",
      "more",
      "////",
      "[[id]]",
      "[.lead]",
      "include::a.adoc[]",
      "ifdef::x[]",
      "endif::[]",
    ];
    expect(await textOf(".adoc", "Bees.", "", ...hidden, "", "Wasps.")).toBe("Bees.\n\nWasps.");
  });
});
