import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import * as light from "#deploy/bundle/light-fetch.ts";
import {
  attempt,
  type BodyStep,
  type Classes,
  type HeadersStep,
  made,
  type Reading,
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
  // Of an object, Node loses this one.
  { weight: 1, arbitrary: anyText.filter((text) => text !== "__proto__") },
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

describe("the bundle's classes in place of Node's", () => {
  it("has the same headers after the same operations", async () => {
    const kinds = ["append", "set", "delete", "get", "has", "list", "each", "cookies", "copy", "pass"] as const;
    const step: fc.Arbitrary<HeadersStep> = fc.tuple(fc.constantFrom(...kinds), name, value);
    await expectSame([fc.option(headersInit, { nil: undefined }), fc.array(step, { maxLength: 12 })], walkHeaders);
  });

  it.each([null, 5, "a", {}, [], [["a"]], [["a", "b", "c"]], ["ab"], [5], { a: 5 }, { a: undefined }, { a: null }])(
    "accepts or rejects %j as headers",
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
  ])("accepts or rejects %o as headers", async (init) => {
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

  it("makes the same requests, also from other requests", async () => {
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
  ])("accepts or rejects the same request with %s", async (_, init) => {
    const see = ({ Request }: Classes) =>
      attempt(() => factsOf(new Request("https://example.com", init as RequestInit)));
    expect(await see(LIGHT)).toEqual(await see(NODE));
  });

  it("passes a signal on to requests made from a request", () => {
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

  it("moves the body to a request made from another", async () => {
    const see = async ({ Request }: Classes) => {
      const first = new Request("https://example.com", { method: "POST", body: "a" });
      const own = new Request(first, { body: "b" });
      const after = [first.bodyUsed, await own.text(), await first.text()];
      return [...after, await attempt(() => new Request(first))];
    };
    expect(await see(LIGHT)).toEqual(await see(NODE));
  });

  it("strips one byte order mark", async () => {
    expect(await new LIGHT.Response("\ufeff\ufeffa").text()).toBe("\ufeffa");
    expect(await new LIGHT.Response(Buffer.from("\ufeff\ufeffa")).text()).toBe("\ufeffa");
  });

  it("creates no stream when text and bytes are read whole", async () => {
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

  it.each(["Headers", "Request", "Response"] as const)("has each member of %s", (name) => {
    const members = (target: object) => Object.getOwnPropertyNames(target).filter((key) => key !== "attribute");
    const [theirs, own] = [NODE[name], LIGHT[name]];
    const args = name === "Request" ? ["https://example.com"] : [];
    const [original, light] = [theirs, own].map((make) => Reflect.construct(make, args));
    for (const key of members(theirs)) {
      expect([key, typeof Reflect.get(own ?? {}, key)]).toEqual([key, typeof Reflect.get(theirs, key)]);
    }
    for (const key of members(theirs.prototype)) expect([key, typeof light[key]]).toEqual([key, typeof original[key]]);
  });

  it("clones messages, whose bodies are then read independently", async () => {
    const steps = fc.array(fc.tuple(fc.constantFrom<Reading | "clone">("text", "clone", "bytes"), fc.nat(5)), {
      minLength: 1,
      maxLength: 6,
    });
    await expectSame([source, steps], async ({ Request, Response }, source, steps) => {
      const init = { method: "POST", headers: { a: "b" }, duplex: "half" as const };
      const messages: (Request | Response)[] = [
        new Response(made(source).body, { status: 201, headers: init.headers }),
        new Request("https://example.com/a", { ...init, ...made(source), redirect: "error" }),
      ];
      const seen: unknown[] = [];
      for (const [step, of] of steps) {
        const message = messages[of % messages.length] ?? new Response();
        seen.push(
          await attempt(async () => {
            if (step === "clone") return void messages.push(message.clone());
            return step === "text" ? await message.text() : [...(await message.bytes())];
          }),
        );
        seen.push(messages.map(factsOf), "redirect" in message && message.redirect);
      }
      return seen;
    });
  });

  it("reads bodies as blobs and forms", async () => {
    const type = fc.constantFrom(
      "text/plain;charset=UTF-8",
      "Application/JSON",
      "application/x-www-form-urlencoded",
      "?",
    );
    await expectSame([source, type], async ({ Response }, source, type) => {
      const [first, second, bare] = [
        new Response(made(source).body, { headers: { "content-type": type } }),
        new Response(made(source).body, { headers: { "content-type": type } }),
        new Response(made(source).body),
      ];
      const blobs = [first, bare].map(async (response) => {
        const blob = await response.blob();
        return [blob.type, [...(await blob.bytes())], response.bodyUsed];
      });
      const seen = await Promise.all(blobs.map((blob) => attempt(() => blob)));
      return [...seen, await attempt(async () => [...(await second.formData())]), await attempt(() => first.blob())];
    });
  });

  it.each<[name: string, body: () => unknown]>([
    ["a blob", () => new Blob(["a", new Uint8Array([0xff])], { type: "text/csv" })],
    ["a blob without a type", () => new Blob(["a"])],
    ["an empty blob", () => new Blob([])],
    ["a generator", () => chunksOf()],
    ["a number", () => 5],
    ["an object", () => ({})],
  ])("takes %s as a body", async (_, body) => {
    const see = async ({ Request, Response }: Classes) => {
      const response = new Response(body() as NonNullable<RequestInit["body"]>);
      const init = { method: "POST", duplex: "half" as const };
      const request = new Request("https://example.com", { ...init, body: body() as NonNullable<RequestInit["body"]> });
      const { duplex: _, ...without } = { ...init, body: body() as NonNullable<RequestInit["body"]> };
      return [
        factsOf(response),
        await response.bytes(),
        await request.text(),
        await attempt(() => factsOf(new Request("https://example.com", without))),
      ];
    };
    expect(await see(LIGHT)).toEqual(await see(NODE));
  });

  it("takes and reads a form as a body", async () => {
    const form = new light.FormData() as FormData;
    form.append("a", "b");
    form.append("file", new Blob(["c"]), "c.txt");
    expect(form instanceof light.FormData).toBe(true);
    expect(new URLSearchParams() instanceof light.FormData).toBe(false);
    const request = new LIGHT.Request("https://example.com", { method: "POST", body: form });
    expect(request.headers.get("content-type")).toMatch(/^multipart\/form-data; boundary=/);
    const read = await request.formData();
    expect([...read.keys()]).toEqual(["a", "file"]);
    expect(await (read.get("file") as File).text()).toBe("c");
  });

  it("makes the same responses through Response.json, redirect and error", async () => {
    const see = async ({ Response }: Classes) => {
      const json = Response.json({ a: 1 }, { status: 201, headers: new LIGHT.Headers({ b: "c" }) });
      const made = [json, Response.redirect("https://example.com/a", 307), Response.error()];
      return [made.map(factsOf), await json.text(), made.every((response) => response instanceof Response)];
    };
    expect(await see(LIGHT)).toEqual(await see(NODE));
    for (const call of ["json", "redirect"] as const) {
      expect(await attempt(() => Reflect.apply(LIGHT.Response[call], null, []))).toBe("threw TypeError");
    }
  });

  it("has the same request options, also in requests made from others", async () => {
    const init = fc.record(
      {
        cache: fc.constantFrom("no-store", "reload", "none"),
        credentials: fc.constantFrom("omit", "include"),
        integrity: fc.constantFrom("sha256-a", ""),
        keepalive: fc.boolean(),
        method: fc.constant("POST"),
        mode: fc.constantFrom("cors", "no-cors", "navigate"),
        redirect: fc.constantFrom("error", "manual", "none"),
        referrer: fc.constantFrom("", "about:client", "https://example.org/", "no url"),
        referrerPolicy: fc.constantFrom("no-referrer", "origin"),
        window: fc.constantFrom(null, {}),
      },
      { requiredKeys: [] },
    );
    const again = fc.oneof(init, fc.constantFrom({}, { method: "POST" }, { headers: {} }));
    await expectSame([init, again], ({ Request }, first, second) => {
      const request = new Request("https://example.com", first as RequestInit);
      const next = new Request(request, second as RequestInit);
      return [request, next, new Request(next), next.clone()].map((made) => optionsOf(made, factsOf(made)));
    });
  });

  it("passes its messages to Node's own fetch and takes its responses", async () => {
    const server = createServer((request, response) => {
      response.setHeader("x-seen", `${request.method} ${request.headers["x-a"]}`);
      request.pipe(response);
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const headers = new LIGHT.Headers({ "x-a": "b" });
    const request = new light.Request(url, { method: "PUT", headers, body: "text" });
    for (const response of [
      await light.fetch(request),
      await light.fetch(url, { method: "PUT", headers, body: "text" }),
    ]) {
      expect(response.headers.get("x-seen")).toBe("PUT b");
      expect(response instanceof light.Response && response.headers instanceof light.Headers).toBe(true);
      expect(await new LIGHT.Response(response.body, response).text()).toBe("text");
    }
    expect(request.bodyUsed).toBe(true);
  });

  it("instanceof accepts objects of its own class and of Node's only", () => {
    class Special extends LIGHT.Response {}
    const values = [new LIGHT.Response(), new Response(), new Special(), new Headers(), {}, null, "Response"];
    expect(values.map((value) => value instanceof LIGHT.Response)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
    expect(values.map((value) => value instanceof Special)).toEqual([false, false, true, false, false, false, false]);
  });
});

function optionsOf(request: Request, facts: unknown): unknown {
  const { cache, credentials, destination, integrity, keepalive, mode, redirect, referrer, referrerPolicy } = request;
  return [facts, cache, credentials, destination, integrity, keepalive, mode, redirect, referrer, referrerPolicy];
}

function factsOf(message: Request | Response): unknown {
  const { headers, bodyUsed, body } = message;
  const common = { headers: [...headers], bodyUsed, body: body !== null, locked: body?.locked };
  if ("method" in message) return { ...common, method: message.method, url: message.url, duplex: message.duplex };
  const { status, ok, statusText, type, url, redirected } = message;
  return { ...common, status, ok, statusText, type, url, redirected };
}

async function* chunksOf() {
  yield new Uint8Array([0x61]);
}

function loneSurrogates(): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom("\ud83d", "\udc1d", "🐝", "a")).map((parts) => parts.join(""));
}
