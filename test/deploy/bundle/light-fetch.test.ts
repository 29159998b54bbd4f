import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as light from "#deploy/bundle/light-fetch.ts";
import {
  attempt,
  type BodyStep,
  type Classes,
  type HeadersStep,
  made,
  type Source,
  walkBody,
  walkHeaders,
} from "./_messages.ts";

const RUNS = 2_000;
const NODE: Classes = { Headers, Request, Response };
const LIGHT = light as unknown as Classes;

/** Both makes see the same, whatever they are given. */
async function expectSame<Given extends unknown[]>(
  given: { [Part in keyof Given]: fc.Arbitrary<Given[Part]> },
  walk: (classes: Classes, ...given: Given) => unknown,
): Promise<void> {
  const property = fc.asyncProperty(fc.tuple<Given>(...given), async (parts) => {
    expect(await attempt(() => walk(LIGHT, ...parts))).toEqual(await attempt(() => walk(NODE, ...parts)));
  });
  await fc.assert(property, { numRuns: RUNS });
}

const anyText = fc.oneof(fc.string(), fc.string({ unit: "grapheme" }), fc.string({ unit: "binary" }), loneSurrogates());
const name = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("a", "A", "b", "x-C", "Content-Type", "set-cookie", "Set-Cookie") },
  { weight: 1, arbitrary: fc.constantFrom("", " a", "a b", "a:", "é", "ſet-cookie", "\0", "!#$%&'*+-.^_`|~09") },
  { weight: 1, arbitrary: anyText },
);
const value = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("1", "2, 3", "text/html", "", "a=b; Path=/") },
  {
    weight: 2,
    arbitrary: fc.constantFrom(" \t1\r\n ", "1\n2", "1\r2", "\0", "é", "\u0100", "\x7f\x01", "\v1\f", "\u00a01"),
  },
  { weight: 1, arbitrary: anyText },
);
const pairs = fc.array(fc.tuple(name, value), { maxLength: 5 });
const headersInit = fc.oneof(
  pairs,
  pairs.map((entries): Record<string, string> => Object.fromEntries(entries)),
);

/** Characters of several bytes that are whole, cut off or broken. */
const utf8 = [
  [0xff, 0xfe],
  [0xe2, 0x82],
  [0xf0, 0x9f, 0x90, 0x9d],
  [0xed, 0xa0, 0x80],
  [0xc0, 0x80],
  [0xef, 0xbb],
  [0x61],
];
const broken = fc.array(fc.constantFrom(...utf8)).map((parts) => new Uint8Array(parts.flat()));
const bytes = fc.oneof(
  fc.uint8Array(),
  broken,
  fc.oneof(fc.json(), anyText).map((text) => new Uint8Array(Buffer.from(text))),
);
// With one byte order mark: of two, Node leaves out both, and the standard only the first.
const MARK = [0xef, 0xbb, 0xbf];
const marked = bytes.map((rest) => new Uint8Array([...MARK, ...rest]));
const text = fc.oneof(
  fc.json(),
  anyText,
  anyText.map((rest) => `\ufeff${rest}`),
  fc.constant(""),
);
const chunks = fc
  .tuple(
    fc.constantFrom([], [MARK], [[0xef, 0xbb], [0xbf]]),
    fc.array(bytes, { maxLength: 3 }),
    fc.constantFrom([], [], ["a"]),
  )
  .map(([mark, ...rest]) => [...mark.map((part) => new Uint8Array(part)), ...rest.flat()]);
const source: fc.Arbitrary<Source> = fc.oneof(
  fc.constant<Source>({ kind: "none" }),
  fc.record({ kind: fc.constant("text" as const), text }),
  fc.record({ kind: fc.constant("params" as const), text }),
  fc.record({
    kind: fc.constantFrom("bytes" as const, "buffer" as const, "view" as const),
    bytes: fc.oneof(bytes, marked),
  }),
  fc.record({ kind: fc.constant("stream" as const), chunks, fails: fc.boolean() }),
);
const bodySteps = fc.array(
  fc.tuple(
    fc.constantFrom<BodyStep>(
      ...(["text", "json", "bytes", "arrayBuffer", "wrap", "move"] as const),
      ...(["lock", "read some", "cancel", "look"] as const),
    ),
    fc.nat(5),
  ),
  { minLength: 1, maxLength: 6 },
);

describe("what the bundle has in place of Node's classes", () => {
  it("has the same headers after the same steps", async () => {
    const kinds = ["append", "set", "delete", "get", "has", "list", "each", "cookies", "copy", "pass"] as const;
    const step: fc.Arbitrary<HeadersStep> = fc.tuple(fc.constantFrom(...kinds), name, value);
    await expectSame([fc.option(headersInit, { nil: undefined }), fc.array(step, { maxLength: 12 })], walkHeaders);
  });

  it.each([null, 5, "a", {}, [], [["a"]], [["a", "b", "c"]], ["ab"], [5], { a: 5 }, { a: undefined }, { a: null }])(
    "takes or refuses %j as headers",
    async (init) => {
      const see = ({ Headers }: Classes) => attempt(() => [...new Headers(init as never)]);
      expect(await see(LIGHT)).toEqual(await see(NODE));
    },
  );

  it.each([
    { [Symbol("a")]: "b" },
    new Map([["a", "b"]]),
    new Headers([["a", "b"]]),
    [new Set(["a", "b"])],
    [["a", Symbol("b")]],
    [[Symbol("a"), "b"]],
  ])("takes or refuses %o as headers", async (init) => {
    const see = ({ Headers }: Classes) => attempt(() => [...new Headers(init as never)]);
    expect(await see(LIGHT)).toEqual(await see(NODE));
  });

  it.each(["response", "request"] as const)(
    "reads the same of a %s's body, however often and however",
    async (kind) => {
      await expectSame([source, bodySteps], (classes, source, steps) => walkBody(classes, kind, source, steps));
    },
  );

  it("makes the same responses", async () => {
    const status = fc.oneof(
      fc.constantFrom(101, 199, 200, 204, 205, 299, 300, 304, 599, 600, 65_736, 200.9, -1, "201", Number.NaN),
      fc.integer({ min: 200, max: 599 }),
    );
    const see = ({ Response }: Classes, source: Source, init: object | null | undefined) => {
      const response = new Response(made(source).body, init as ResponseInit);
      return [factsOf(response), factsOf(new Response(null, response))];
    };
    const init = fc.record({ status, headers: fc.dictionary(fc.constantFrom("a", "content-type"), fc.constant("b")) });
    await expectSame([source, fc.oneof(init, fc.constantFrom(null, undefined, {}))], see);
    await expectSame([source, fc.record({ statusText: value })], see);
    await expectSame([source, fc.record({ headers: headersInit })], see);
  });

  it("makes the same requests, also of others", async () => {
    const methods = ["get", "HEAD", "Post", "PUT", "delete", "options", "PATCH", "Patch", "connect", "TRACE", "track"];
    const method = fc.oneof(fc.constantFrom(...methods, "m-search", "", "a b", "é"), anyText);
    const url = fc.oneof(
      fc.webUrl({ withFragments: true, withQueryParameters: true }),
      fc.constantFrom(
        "",
        "/path",
        "https://a@b.example",
        "https://:b@c.example",
        "HTTPS://Ä.example/ä b?ü#ö",
        "data:,a",
      ),
    );
    const see = ({ Request }: Classes, url: string, init: object, again: object, source: Source) => {
      const request = new Request(url, { duplex: "half", ...made(source), ...init });
      const next = new Request(request, again);
      return [factsOf(request), factsOf(next), factsOf(new Request(new URL(url), { ...init }))];
    };
    // Of values that end with an empty one, a request made of another has a space more than `new Headers` has.
    const headers = fc.array(
      fc.tuple(
        name,
        value.filter((text) => text.trim() !== ""),
      ),
      { maxLength: 5 },
    );
    const options = (valid: fc.Arbitrary<string>) => fc.record({ method: valid, headers }, { requiredKeys: [] });
    await expectSame([url, options(method), options(fc.constantFrom("GET", "POST")), source], see);
  });

  it.each([
    ["a stream without duplex", { method: "POST", body: new ReadableStream() }],
    ["a duplex that is none", { method: "POST", body: new ReadableStream(), duplex: "full" }],
    ["a signal that is none", { signal: {} }],
    ["null for a body and a signal", { body: null, signal: null }],
  ])("makes, or refuses, the same request of %s", async (_, init) => {
    const see = ({ Request }: Classes) =>
      attempt(() => factsOf(new Request("https://example.com", init as RequestInit)));
    expect(await see(LIGHT)).toEqual(await see(NODE));
  });

  it("takes a signal over to requests made of requests", () => {
    const see = ({ Request }: Classes) => {
      const [asked, late] = [new AbortController(), new AbortController()];
      const first = new Request("https://example.com", { signal: asked.signal });
      const requests = [
        first,
        new Request(first),
        new Request(first, { signal: late.signal }),
        new Request(first, { signal: null }),
        new Request("https://example.com"),
      ];
      const { signal } = first;
      const own = signal === first.signal && signal !== asked.signal;
      asked.abort(new EvalError("gone"));
      return [own, requests.map(({ signal }) => [signal.aborted, String(signal.reason)])];
    };
    expect(see(LIGHT)).toEqual(see(NODE));
  });

  it("leaves a body to the request that is made of another", async () => {
    const see = async ({ Request }: Classes) => {
      const first = new Request("https://example.com", { method: "POST", body: "a" });
      const own = new Request(first, { body: "b" });
      const after = [first.bodyUsed, await own.text(), await first.text()];
      return [...after, await attempt(() => new Request(first))];
    };
    expect(await see(LIGHT)).toEqual(await see(NODE));
  });

  it("leaves out one byte order mark", async () => {
    expect(await new LIGHT.Response("\ufeff\ufeffa").text()).toBe("\ufeffa");
    expect(await new LIGHT.Response(Buffer.from("\ufeff\ufeffa")).text()).toBe("\ufeffa");
  });

  it("makes no stream of text and bytes that are read whole", async () => {
    const { ReadableStream } = globalThis;
    Reflect.deleteProperty(globalThis, "ReadableStream");
    try {
      const { Response } = LIGHT;
      expect(await new Response("a").text()).toBe("a");
      expect(await new Response(Buffer.from("[1]")).json()).toEqual([1]);
      expect((await new Response("a").arrayBuffer()).byteLength).toBe(1);
    } finally {
      Object.assign(globalThis, { ReadableStream });
    }
  });

  it.each(["Headers", "Request", "Response"] as const)(
    "has each member of %s, or one that says it is absent",
    (name) => {
      const members = (target: object) => Object.getOwnPropertyNames(target).filter((key) => key !== "attribute");
      const [theirs, own] = [NODE[name], LIGHT[name]];
      const args = name === "Request" ? ["https://example.com"] : [];
      const [original, light] = [theirs, own].map((make) => Reflect.construct(make, args));
      for (const [target, key] of [
        ...members(theirs).map((key) => [own, key] as const),
        ...members(theirs.prototype).map((key) => [light, key] as const),
      ]) {
        const absent = absence(() => target[key]);
        if (absent) expect(absent).toContain(`${name}.${key} is not in this bundle`);
        else expect([key, typeof target[key]]).toEqual([key, typeof (target === own ? theirs : original)[key]]);
      }
    },
  );

  it("says so of what it does not have", () => {
    const { Request, Response } = LIGHT;
    const absent = /is not in this bundle: see lib\/deploy\/bundle\/light-fetch.ts$/;
    expect(() => new Response(new Blob(["a"]))).toThrow(absent);
    expect(() => new Response(new FormData())).toThrow(absent);
    expect(() => new Response(Readable() as never)).toThrow(absent);
    expect(() => new Response("a").blob()).toThrow(absent);
    expect(() => new Response("a").clone()).toThrow(absent);
    expect(() => Response.json({})).toThrow(absent);
    expect(() => new Request("https://example.com", { redirect: "error" })).toThrow(absent);
    expect(() => new Request("https://example.com").mode).toThrow(absent);
    expect(() => new light.FormData()).toThrow(absent);
  });
});

function factsOf(message: Request | Response): unknown {
  const { headers, bodyUsed, body } = message;
  const common = { headers: [...headers], bodyUsed, body: body !== null, locked: body?.locked };
  if ("method" in message) return { ...common, method: message.method, url: message.url, duplex: message.duplex };
  const { status, ok, statusText, type, url, redirected } = message;
  return { ...common, status, ok, statusText, type, url, redirected };
}

function absence(call: () => unknown): string | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

async function* Readable() {
  yield new Uint8Array(1);
}

function loneSurrogates(): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom("\ud83d", "\udc1d", "🐝", "a")).map((parts) => parts.join(""));
}
