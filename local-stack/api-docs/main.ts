/** `npm run api-docs`: docs/API.md, made from the OpenAPI document. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { apiPage } from "./page.ts";

writeFileSync(join(import.meta.dirname, "../../docs/API.md"), apiPage());
