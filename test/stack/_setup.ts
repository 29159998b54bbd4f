import { buildModule, preparePrograms } from "../../local-stack/native/build.ts";
import { runsDocker } from "../../local-stack/stack/create.ts";

/** Builds what is to be tested, before the first test: that may take minutes, for which no test should have to wait. */
export default function setup(): void {
  if (runsDocker()) return;
  preparePrograms(["collector", "jaeger", "prometheus", "promtool", "redis"]);
  buildModule("compose");
}
