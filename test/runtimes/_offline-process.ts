/** Runs serverless-offline with the functions of serverless.yml on `PORT` of 127.0.0.1, with this process's environment. */

import { ROOT } from "../../lib/deploy/bundle/bundle.ts";
import { startGateway } from "../../local-stack/dev/gateway.ts";

const gateway = await startGateway(ROOT, Number(process.env.PORT));
process.once("SIGTERM", () => void gateway.stop().then(() => process.exit(0)));
await gateway.exited;
