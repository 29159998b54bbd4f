/** Calls every function once, in a process of its own, and prints, as the last line, the replies and every module loaded. */
import { registerHooks } from "node:module";
import { invoke } from "./_lambda.ts";

const modules: string[] = [];
registerHooks({
  load(url, context, next) {
    modules.push(url);
    return next(url, context);
  },
});

const [query, embed, health] = await Promise.all([
  import("../../functions/query.ts"),
  import("../../functions/embed.ts"),
  import("../../functions/health.ts"),
]);
const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const text = "Bees tell each other where flowers are by a waggle dance.";
const replies = [
  await invoke(embed.handler, "POST", "/embed", { documents: [{ id: "bees", text }] }),
  await invoke(query.handler, "POST", "/query", { question: "Where are flowers?" }, { traceparent }),
  await invoke(query.handler, "POST", "/query", { wrong: true }),
  await invoke(embed.handler, "DELETE", "/embed/bees"),
  await invoke(embed.handler, "DELETE", "/embed/bees"),
  await invoke(health.handler, "GET", "/health"),
  await invoke(health.handler, "GET", "/health?deep=1"),
];
// The flush is not awaited behind a laptop's gateway: give it the time it may take.
await new Promise((resolve) => setTimeout(resolve, 500));
process.stdout.write(JSON.stringify({ modules, replies }), () => process.exit(0));
