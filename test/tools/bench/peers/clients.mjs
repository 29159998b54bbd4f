/** The packages of the query function, imported and initialized as their documentation shows. */
import { QdrantClient } from "@qdrant/js-client-rest";
import { Ratelimit } from "@upstash/ratelimit";
import { Redis } from "@upstash/redis";
import { Hono } from "hono";
import OpenAI from "openai";
import * as z from "zod";

const { OPENAI_API_KEY, OPENAI_BASE_URL, QDRANT_URL, UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN } = process.env;
const openai = new OpenAI({ apiKey: OPENAI_API_KEY, baseURL: OPENAI_BASE_URL });
const qdrant = new QdrantClient({ url: QDRANT_URL, checkCompatibility: false });
const redis = new Redis({ url: UPSTASH_REDIS_REST_URL, token: UPSTASH_REDIS_REST_TOKEN });
const limiter = new Ratelimit({ redis, limiter: Ratelimit.slidingWindow(10, "1 m") });
const question = z.object({ question: z.string() });
const app = new Hono();
app.get("/", (context) => context.json({ ready: [openai, qdrant, redis, limiter, question].length }));

export const handler = async () => ({ statusCode: 204 });
