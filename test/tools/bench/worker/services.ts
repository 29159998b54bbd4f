import { startWorkerd, type WorkerSource } from "../../../support/workerd.ts";
import { type Services, type ServiceTimes, startServices } from "../frameworks/services.ts";

/** Milliseconds that each service takes to respond. */
const TIMES: ServiceTimes = { embeddings: 20, chat: 60, qdrant: 5, rerank: 15, cache: 2 };

const DOCUMENTS = [
  ["bees", "Bees tell each other where flowers are by a waggle dance. Its angle is that to the sun."],
  ["ants", "Ants mark the way to food with a trail of pheromones. A longer way is marked less."],
  ["birds", "Birds of passage find their way by the sun, the stars and the earth's magnetic field."],
].map(([id, text]) => ({ id, title: id, text }));

/** Starts the services with documents that a worker has stored in them. */
export async function startSeededServices(source: WorkerSource): Promise<Services> {
  const services = await startServices();
  const worker = await startWorkerd(source, { ...services.directEnv, OTEL_ENABLED: "false" });
  try {
    const response = await fetch(`${worker.url}/embed`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ documents: DOCUMENTS }),
    });
    if (!response.ok) throw new Error(`POST /embed responded with ${response.status}: ${await response.text()}`);
  } finally {
    await worker.stop();
  }
  services.setTimes(TIMES);
  return services;
}
