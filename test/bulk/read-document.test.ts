import { truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readDocument } from "#bulk/read-document.ts";
import { UnreadableError } from "#bulk/readers/unreadable.ts";
import { folderOf } from "./_folder.ts";
import { pdfOf } from "./_pdf.ts";

function read(name: string, content: string | Uint8Array, id = name) {
  return readDocument({ path: join(folderOf({ [name]: content }), name), id }, []);
}

const PAGE = `<!doctype html><html><head><title>Leave | Handbook</title><style>p{}</style></head><body>
<header>Logo</header><nav><a href="/">Home</a></nav>
<main><nav>Handbook / Leave</nav><h1>Leave <em>policy</em></h1>
<p>Everyone has <b>30</b> days&nbsp;of leave.</p><p hidden>draft</p><!-- comment -->
<ul><li>Unused days<li>expire</ul>
<pre><code class="language-js">const days = 30;
</code></pre>
<table><tr><th>Year<th>Days<tr><td>1<td>30</table>
<form><input value="Search"><button>Go</button></form><img alt="dot" src="data:image/png;base64,AAAA"></main>
<aside>Related</aside><footer>Imprint</footer><script>track()</script></body></html>`;

describe("readDocument", () => {
  it("reads Markdown, with its first heading as title", async () => {
    const { document, bytes } = await read(
      "a.md",
      "```sh\n# no heading\n```\n\n# Bees #\n\nThey dance.\n",
      "guide/a.md",
    );
    expect(document).toEqual({
      id: "guide/a.md",
      title: "Bees",
      text: "```sh\n# no heading\n```\n\n# Bees #\n\nThey dance.\n",
    });
    expect(bytes).toBe(Buffer.byteLength(JSON.stringify(document)));
  });

  it.each([
    ["its title is used, and it is no text", "---\ntitle: 'On  bees'\ntags: [a]\n---\n# Bees\n", "On bees", "# Bees\n"],
    ["without a title the heading is", "---\r\ndraft: true\r\n---\r\n# Bees\r\n", "Bees", "# Bees\n"],
    ["what is no YAML stays text", "---\n: [\n---\nBees\n", undefined, "---\n: [\n---\nBees\n"],
    ["a list stays text", "---\n- a\n---\nBees\n", undefined, "---\n- a\n---\nBees\n"],
  ])("of Markdown with front matter: %s", async (_what, source, title, text) => {
    const { document } = await read("a.mdx", source);
    expect(document).toEqual({ id: "a.mdx", text, ...(title && { title }) });
  });

  it("reads plain text, without a byte order mark", async () => {
    expect((await read("a.TXT", "\uFEFF# no Markdown")).document).toEqual({ id: "a.TXT", text: "# no Markdown" });
  });

  it("reads the content of HTML as Markdown, without headers, footers and navigation", async () => {
    const { document } = await read("a.html", PAGE);
    expect(document.title).toBe("Leave policy");
    expect(document.text).toBe(
      "# Leave *policy*\n\nEveryone has **30** days\u00A0of leave.\n\n* Unused days\n* expire\n\n" +
        "```js\nconst days = 30;\n```\n\n| Year | Days |\n| - | - |\n| 1 | 30 |\n",
    );
  });

  it.each([
    ["the only article", "<header>H</header><article><h1>T</h1>one</article><aside>A</aside>", "# T\n\none\n"],
    ["all of several articles", "<aside>A</aside><article>one</article><article>two</article>", "one\n\ntwo\n"],
    ["the body without its surroundings", "<header>H</header><p>text<footer>F</footer>", "text\n"],
    ["a fragment", "text <b>bold", "text **bold**\n"],
  ])("of HTML without <main>: %s", async (_what, html, text) => {
    expect((await read("a.htm", html)).document.text).toBe(text);
  });

  it("takes the title of the page when HTML has no heading", async () => {
    expect((await read("a.html", "<title> A\n page </title><p>x")).document.title).toBe("A page");
  });

  it("reads the paragraphs and pages of a PDF, with the title from its properties", async () => {
    const { document } = await read("a.pdf", pdfOf(["Bees dance.\nThey do.", "Ants walk."], { title: "Insects" }));
    expect(document).toEqual({ id: "a.pdf", title: "Insects", text: "Bees dance. They do.\n\nAnts walk." });
  });

  it("adds the given topics, and changes the hash when anything differs", async () => {
    const path = join(folderOf({ "a.md": "# A" }), "a.md");
    const items = [await readDocument({ path, id: "a" }, [7, 8]), await readDocument({ path, id: "a" }, [7])];
    expect(items[0]?.document.topic_ids).toEqual([7, 8]);
    expect(items[0]?.hash).not.toBe(items[1]?.hash);
    expect((await readDocument({ path, id: "a" }, [7])).hash).toBe(items[1]?.hash);
  });
});

describe("readDocument throws an error that says what to do for", () => {
  it.each<[string, string, string | Uint8Array, RegExp]>([
    ["an encrypted PDF", "a.pdf", pdfOf(["x"], { password: true }), /^an encrypted PDF: remove its password/],
    ["a scan", "a.pdf", pdfOf(["", ""]), /^a PDF without text, most likely scanned: run OCR/],
    ["a damaged PDF", "a.pdf", "%PDF-1.4 and no more", /^damaged, or not a PDF$/],
    ["a binary file", "a.txt", Buffer.from([80, 75, 3, 4, 0, 0]), /^a binary file, no text$/],
    ["an unknown encoding", "a.md", Buffer.from([0xe1, 0x94, 0xa4, 0x8e]), /^not UTF-8.*: save it as UTF-8, .* iconv/],
    ["an empty file", "a.md", "\n \n", /^no text in it$/],
    ["a page without content", "a.html", "<nav>Home</nav><script>x</script>", /^no text in it$/],
    [
      "a very long text",
      "a.txt",
      "x".repeat(3_000_001),
      /^3,000,001 characters; a document has at most 3,000,000: split it$/,
    ],
    [
      "a text of many bytes",
      "a.txt",
      "界".repeat(2_500_000),
      /^7,500,\d+ bytes; a request has at most 6,291,456: split it$/,
    ],
    ["another kind", "a.odg", "x", /^not one of \.md, .*\.tsv$/],
  ])("%s", async (_what, name, content, message) => {
    const failed = read(name, content);
    await expect(failed).rejects.toThrow(UnreadableError);
    await expect(failed).rejects.toThrow(message);
  });

  it("a missing file, or one that is too large", async () => {
    await expect(readDocument({ path: "/nowhere/a.md", id: "a" }, [])).rejects.toThrow("cannot be read (ENOENT)");
    const folder = folderOf({ "a.pdf": "" });
    truncateSync(join(folder, "a.pdf"), 101 * 2 ** 20);
    await expect(readDocument({ path: join(folder, "a.pdf"), id: "a" }, [])).rejects.toThrow(
      /at most 104,857,600 are read/,
    );
  });

  it("a name that cannot be an id", async () => {
    const failed = read("a.md", "text", "a\u0007.md");
    await expect(failed).rejects.toThrow(
      "id must have no control characters, line separators or bidirectional controls",
    );
  });
});
