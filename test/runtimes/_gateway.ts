import type { Reply } from "../functions/_requests.ts";
import type { Gateway } from "../functions/_server.ts";

/** All that serverless-offline does otherwise than the other runtimes. */
export const OFFLINE_GATEWAY: Gateway = {
  // Like API Gateway, it calls functions for their routes only.
  answers: new Set(["GET /nowhere", "GET /v1/nowhere", "DELETE /query"]),
  takeBack({ status, headers, body }: Reply): Reply {
    // That of credentials is for every origin; with it, the status of a preflight is 200.
    const isPreflight = body === "" && headers["access-control-allow-credentials"] !== undefined;
    const own = Object.entries(headers).filter(
      ([name, value]) =>
        !(
          ADDED.has(name) ||
          (name === "vary" && value === "accept-encoding") ||
          (name === "content-type" && body === "")
        ),
    );
    return { status: isPreflight ? 204 : status, headers: Object.fromEntries(own), body };
  },
};

const ADDED = new Set(["accept-ranges", "access-control-allow-credentials"]);
