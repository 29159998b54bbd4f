import { createHash, createHmac, randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createFeedbackTokens } from "#quality/feedback-token.ts";
import { invoke, type Reply } from "../functions/_lambda.ts";
import { type Recorded, startRecording } from "../functions/_recorded.ts";
import { type RedisUpstash, startRedisUpstash } from "../support/redis-upstash.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const TRIES = 10_000;
const MAC_AT = 31;
const QUESTION = { question: "How do bees tell where flowers are?" };
const BEES = { documents: [{ id: "bees", text: "Bees tell each other where flowers are by a waggle dance." }] };

interface Rating {
  trace_id: string;
  token: string;
}

let redis: RedisUpstash;
let recorded: Recorded;
let post: (path: string, body: unknown, tenant?: "alice" | "bob") => Promise<Reply>;

beforeAll(async () => {
  redis = await startRedisUpstash();
  const entry = (tenant: string) => `${tenant}:${createHash("sha256").update(`erag_${tenant}`).digest("hex")}`;
  recorded = await startRecording({
    UPSTASH_REDIS_REST_URL: redis.upstash.url,
    UPSTASH_REDIS_REST_TOKEN: redis.upstash.token,
    RAG_API_KEYS: `${entry("alice")},${entry("bob")}`,
    RAG_FEEDBACK_SECRET: SECRET,
    OTEL_TRACES_EXPORTER: "none",
  });
  const embed = await import("../../functions/embed.ts");
  const query = await import("../../functions/query.ts");
  post = async (path, body, tenant = "alice") => {
    const headers = { authorization: `Bearer erag_${tenant}` };
    const reply = await invoke(path === "/embed" ? embed.handler : query.handler, "POST", path, body, headers);
    if (path === "/feedback" && reply.status === 200) accepted += 1;
    return reply;
  };
  await post("/embed", BEES);
}, 60_000);
afterAll(async () => {
  await recorded?.end();
  await redis?.stop();
});

async function ask(): Promise<Rating> {
  const { trace_id, feedback_token: token } = (await post("/query", QUESTION)).body;
  return { trace_id, token };
}

/** Ratings that were answered with 200 since the start. */
let accepted = 0;

/** How many ratings the collector was told of since the start: all that there are, as a right one is sent last. */
async function counted(): Promise<number> {
  const sum = () =>
    recorded.metrics
      .filter(({ name }) => name === "rag_feedback_total")
      .flatMap(({ sum }) => sum?.dataPoints ?? [])
      .reduce((sum, { asInt }) => sum + Number(asInt), 0);
  expect((await post("/feedback", { ...(await ask()), rating: 1 })).status).toBe(200);
  await expect.poll(sum, { timeout: 20_000 }).toBeGreaterThanOrEqual(accepted);
  return sum();
}

/** Posts all, a few at a time, and counts the responses by status. */
async function statusesOf(tries: readonly (readonly [body: object, tenant?: "alice" | "bob"])[]) {
  const statuses: Record<number, number> = {};
  for (let at = 0; at < tries.length; at += 50) {
    const some = tries
      .slice(at, at + 50)
      .map(([rating, tenant]) => post("/feedback", { rating: -1, ...rating }, tenant));
    for (const { status } of await Promise.all(some)) statuses[status] = (statuses[status] ?? 0) + 1;
  }
  return statuses;
}

const changed = (token: string, change: (bytes: Buffer) => void): string => {
  const bytes = Buffer.from(token, "base64url");
  change(bytes);
  return bytes.toString("base64url");
};

/** Other ways to sign the same bytes. */
function otherwiseSigned(token: string): string[] {
  const signed = Buffer.from(token, "base64url").subarray(0, MAC_AT);
  const macs = [
    createHash("sha256").update(signed).update("alice").digest(),
    createHash("sha256").update(SECRET).update(signed).update("alice").digest(),
    createHmac("sha256", "").update(signed).update("alice").digest(),
    createHmac("sha256", SECRET).update(signed).digest(),
    createHmac("sha512", SECRET).update(signed).update("alice").digest().subarray(0, 32),
    createHmac("sha1", SECRET).update(signed).update("alice").digest(),
    createHmac("md5", SECRET).update(signed).update("alice").digest(),
    Buffer.alloc(32),
    Buffer.alloc(0),
  ];
  const jwt = (header: object) =>
    [header, { sub: "alice", exp: 4e9 }]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
  return [
    ...macs.map((mac) => Buffer.concat([signed, mac]).toString("base64url")),
    `${jwt({ alg: "none", typ: "JWT" })}.`,
    `${jwt({ alg: "HS256", typ: "JWT" })}.${createHmac("sha256", SECRET)
      .update(jwt({ alg: "HS256" }))
      .digest("base64url")}`,
  ];
}

test("of 10,000 ratings that are forged, replayed, another tenant's or too late, none is counted", {
  timeout: 280_000,
}, async () => {
  const [target, rated, other] = [await ask(), await ask(), await ask()];
  expect((await post("/feedback", { ...rated, rating: 1 })).status).toBe(200);
  const { trace_id, token } = target;
  const with_ = (token: string, traceId = trace_id) => [{ trace_id: traceId, token }] as const;

  const flipped = Array.from({ length: 63 * 8 }, (_, bit) =>
    with_(changed(token, (bytes) => bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3))),
  );
  const bytewise = Array.from({ length: 63 * 40 }, (_, at) =>
    with_(
      changed(token, (bytes) => bytes.writeUInt8((bytes.readUInt8(at % 63) + 1 + ((at * 7) % 255)) & 255, at % 63)),
    ),
  );
  const cut = Array.from({ length: 84 }, (_, length) => with_(token.slice(0, length)));
  const random = Array.from({ length: 1_500 }, () => with_(randomBytes(63).toString("base64url")));
  const nearly = Array.from({ length: 500 }, () =>
    with_(changed(token, (bytes) => randomBytes(32).copy(bytes, MAC_AT))),
  );
  const odd = [
    ...["", " ", "=", "é".repeat(84), "\u0000".repeat(84), "Ａ".repeat(84), "💥".repeat(42), "A".repeat(10_000)],
    ...[`${token}=`, `${token}A`, ` ${token}`, `${token}\n`, token.toLowerCase(), token.toUpperCase(), token + token],
    ...[`+${token.slice(1)}`, `/${token.slice(1)}`, Buffer.from(token, "base64url").toString("hex")],
  ];
  const mistyped = [
    ...[null, 1, true, [token], { token }].map((token) => [{ trace_id, token }] as const),
    ...[0, 2, "1", 1.5, null, [1], true].map((rating) => [{ trace_id, token, rating }] as const),
  ];
  const elsewhere = [
    ...[with_(token, other.trace_id), with_(token, "0".repeat(32)), with_(token, trace_id.toUpperCase())],
    ...[with_(token, ""), with_(token, `${trace_id} `)],
  ];
  const expired = createFeedbackTokens({ secret: SECRET, seconds: 3_600, now: () => Date.now() - 3_601_000 });
  const late = Array.from({ length: 500 }, () => with_(expired.sign({ traceId: trace_id }, "alice")));
  const tenants = Array.from({ length: 1_000 }, (_, at) => [at % 2 ? target : rated, "bob"] as const);
  const others = Array.from({ length: 500 }, () =>
    with_(
      createFeedbackTokens({ secret: randomBytes(16).toString("hex"), seconds: 60 }).sign(
        { traceId: trace_id },
        "alice",
      ),
    ),
  );
  const forged = [...flipped, ...bytewise, ...cut, ...random, ...nearly, ...odd.map((odd) => with_(odd)), ...mistyped];
  const refused = [
    ...elsewhere,
    ...otherwiseSigned(token).map((forged) => with_(forged)),
    ...late,
    ...tenants,
    ...others,
  ];
  const replays = Array.from({ length: TRIES - forged.length - refused.length }, () => [rated] as const);
  expect(replays.length).toBeGreaterThan(1_000);

  // A change that leaves the right token as it is would be no forgery.
  const isRight = ([body]: readonly [object, ...unknown[]]) =>
    "token" in body && body.token === token && "trace_id" in body && body.trace_id === trace_id && !("rating" in body);
  expect([...forged, ...refused].filter((tried) => isRight(tried) && tried[1] !== "bob")).toEqual([]);

  const before = accepted;
  const statuses = await statusesOf([...forged, ...refused, ...replays]);
  // Without the right one that is sent after them.
  const more = (await counted()) - before - 1;
  console.log(`${TRIES} tries: ${JSON.stringify(statuses)}, ${more} counted`);
  expect(more).toBe(0);
  expect(Object.keys(statuses)).toEqual(["400", "403", "409"]);
  expect(statuses[409]).toBe(replays.length);
  expect(Object.values(statuses).reduce((sum, count) => sum + count, 0)).toBe(TRIES);

  // None of it has used up the answer.
  expect((await post("/feedback", { ...target, rating: -1 })).status).toBe(200);
  expect(await counted()).toBe(accepted);
});

test("of 50 concurrent ratings of one answer one is counted", async () => {
  const rating = await ask();
  const statuses = await statusesOf(Array.from({ length: 50 }, () => [rating] as const));
  expect(statuses).toEqual({ 200: 1, 409: 49 });
  expect(await counted()).toBe(accepted);
});

test("while Redis is down ratings are refused with 503, none is counted, and the answer can be rated later", async () => {
  const rating = await ask();
  redis.upstash.instead = (response) => response.writeHead(500).end();
  const refused = await post("/feedback", { ...rating, rating: 1 });
  redis.upstash.instead = undefined;
  expect([refused.status, refused.headers["retry-after"]]).toEqual([503, "5"]);
  expect((await post("/feedback", { ...rating, rating: 1 })).status).toBe(200);
  expect(await counted()).toBe(accepted);
});

test("a rated answer is forgotten five minutes after its token has expired", async () => {
  const { trace_id, token } = await ask();
  await post("/feedback", { trace_id, token, rating: 1 });
  const [keys] = await redis.redis.send([["KEYS", `edge-rag:rated:v1:${trace_id}-*`]]);
  expect(keys).toHaveLength(1);
  const [ttl] = await redis.redis.send([["TTL", String((keys as unknown[])[0])]]);
  expect(Number(ttl)).toBeGreaterThan(3_600 + 240);
  expect(Number(ttl)).toBeLessThanOrEqual(3_600 + 300);
});
