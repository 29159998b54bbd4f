import type { Parts } from "#compose/parts.ts";
import { addRateLimit } from "#compose/rate-limit.ts";
import { refuseWhileReading } from "#compose/sample-corpus.ts";
import { createApp } from "#http/app.ts";
import { parseBody, readJson } from "#http/body.ts";
import type { App } from "#http/context.ts";
import { toQuestion } from "#http/question.ts";
import { searchRequest } from "#http/schemas/search.ts";
import { rankCandidates } from "./rankings.ts";
import { supportOfAnswer, supportRequest } from "./support.ts";

/**
 * What needs the ports of the functions, as functions of the service, with the same API keys, tenants, topics and limits:
 * `POST /lab` takes what `POST /search` does and gives the candidates; `POST /support` compares an answer with its sources.
 *
 * @param dataDir where the sample corpus is being read into
 */
export async function createLabApp(parts: Parts, dataDir: string): Promise<App> {
  const app = createApp({ ...parts.server, onDone() {} });
  refuseWhileReading(app, dataDir, ["/lab", "/support"]);
  await addRateLimit(app, parts.rateLimit);
  app.post("/lab", async (c) => {
    const body = await readJson(c.req.raw, (bytes) => parseBody(bytes, searchRequest));
    const result = await rankCandidates(await parts.ports(), toQuestion(body, c.get("caller")), c.get("call"));
    return c.json(result);
  });
  app.post("/support", async (c) => {
    const body = await readJson(c.req.raw, (bytes) => parseBody(bytes, supportRequest));
    const topicIds = c.get("caller")?.topicIds;
    const { store } = await parts.ports();
    return c.json(await supportOfAnswer(store, body, topicIds && { topicIds }, c.get("call")));
  });
  return app;
}
