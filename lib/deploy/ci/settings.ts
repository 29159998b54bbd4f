import { readDeployedSettings } from "#config/deployed.ts";
import { namesOf, pullRequestOf } from "#deploy/stack/stages.ts";

/** Variables that serverless.yml reads while packaging, besides the functions' settings. */
const PACKAGING = [
  ...["RAG_SECRET", "RAG_SECRETS", "RAG_SECRETS_FROM", "RAG_SECRET_VERSION"],
  ...["RAG_ALARM_TOPIC", "RAG_XRAY", "RAG_STREAM_API"],
];

/**
 * Selects the variables for packaging a stage from those of the repository and its environment. Previews share one Qdrant,
 * each with its own collection.
 */
export function packageSettings(variables: Readonly<Record<string, string>>, stage: string): Record<string, string> {
  const packaging = PACKAGING.flatMap((name) => (variables[name] ? [[name, variables[name]]] : []));
  const settings = { ...readDeployedSettings(variables), ...Object.fromEntries(packaging) };
  const isShared = pullRequestOf(stage) !== undefined && settings.QDRANT_URL;
  return isShared ? { ...settings, QDRANT_COLLECTION: namesOf(stage).collection } : settings;
}
