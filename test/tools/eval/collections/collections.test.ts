import { describe, expect, it } from "vitest";
import { COLLECTIONS } from "./collections.ts";
import { sectionsOf } from "./faq.ts";
import { pageOf } from "./manual-pages.ts";
import { toDataset } from "./pairs.ts";

const LONG = "Nothing is certain. ".repeat(12);

describe("a collection", () => {
  it("has documents of their own, and questions whose words are not in theirs", () => {
    const pair = (id: string, question?: string, text = `${id} ${LONG}`) => ({
      document: { id, text },
      ...(question !== undefined && { question }),
    });
    const { documents, questions } = toDataset([
      pair("asked", "What is certain in life?"),
      pair("the same question", "What is certain in life?"),
      pair("the same text", "What else is certain here?", `asked ${LONG}`),
      pair("contains its question", "Nothing is certain: nothing?", `${LONG} nothing`),
      pair("too few words", "Is it certain?"),
      pair("without a question"),
      pair("short", "What is short about it?", "Too little to find."),
    ]);
    expect(documents.map(({ id }) => id)).toEqual(["asked", "without a question"]);
    expect(questions).toEqual([
      { id: "asked", text: "What is certain in life?", relevant: new Map([["asked", 1]]), answers: [] },
    ]);
  });

  it.each(["npm-code", "npm-packages"])("of the installed packages, %s, has 200 documents or more", (name) => {
    const dataset = COLLECTIONS[name]?.(process.cwd());
    expect(dataset?.documents.length).toBeGreaterThanOrEqual(200);
    expect(dataset?.questions.length).toBe(dataset?.documents.length);
  });
});

describe("a chapter of Debian's FAQ", () => {
  it("is a document for each section, with the title as question where it is one, and not in the text", () => {
    const section = (title: string, text: string) =>
      `<div class="section"><div class="titlepage"><h2 class="title"><a id="x"></a>${title}</h2></div>${text}</div>`;
    const html = `<h1>Chapter 1</h1>${section("1.1. Who is\nin charge?", "<p>Those who <code>do</code> &quot;it&quot;.</p>")}${section("1.2. apt", "<p>A tool.</p>")}<div class="navfooter">Next</div>`;
    expect(sectionsOf("basics", html)).toEqual([
      { document: { id: "basics-1", text: 'Those who do "it".' }, question: "Who is in charge?" },
      { document: { id: "basics-2", text: "A tool." } },
    ]);
  });
});

describe("a manual page", () => {
  it("is its description as plain text, asked for with its purpose", () => {
    const roff = String.raw`.\" A comment
.SH NAME
read \- read from a file\-descriptor
.SH SYNOPSIS
.B #include <unistd.h>
.SH DESCRIPTION
.BR read ()
attempts to \fIread\fP
.in +4n
.PP
Up to
.IR "count bytes" .
.SH ERRORS
EAGAIN
`;
    expect(pageOf("read.2", roff)).toEqual([
      {
        document: { id: "read.2", text: "read()\nattempts to read\n\n\nUp to\ncount bytes." },
        question: "read from a file-descriptor",
      },
    ]);
  });

  it("that is an alias of another is none", () => {
    expect(pageOf("pread.2", ".so man2/read.2\n")).toEqual([]);
  });
});
