/** `npm run api-docs`: generates docs/API.md from the OpenAPI document. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { apiPage } from "./page.ts";

writeFileSync(join(import.meta.dirname, "../../docs/API.md"), apiPage());
