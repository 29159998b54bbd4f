import { preparePrograms } from "../../local-stack/native/build.ts";

/** These tests use a real redis-server: installs it if permitted, and otherwise fails with what to install. */
export default function setup(): void {
  preparePrograms(["redis"]);
}
