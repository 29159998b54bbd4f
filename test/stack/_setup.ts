import { buildModule, preparePrograms } from "../../local-stack/native/build.ts";
import { runsDocker } from "../../local-stack/stack/create.ts";

/** Builds the native programs before the first test, since that may take minutes. */
export default function setup(): void {
  if (runsDocker()) return;
  preparePrograms(["collector", "jaeger", "prometheus", "promtool", "redis"]);
  buildModule("compose");
}
