/** What a page allows those who index it. */
export interface Directives {
  index: boolean;
  follow: boolean;
}

/** The name by which robots.txt, headers and pages may address this program. */
export const ROBOT = "edge-rag";

/** Reads the content of `<meta name="robots">`. */
export function directivesIn(content: string): Directives {
  const words = content.toLowerCase().split(/[\s,]+/);
  const none = words.includes("none");
  return { index: !none && !words.includes("noindex"), follow: !none && !words.includes("nofollow") };
}

/** Reads `X-Robots-Tag`: "noindex, nofollow", or for one robot "edge-rag: noindex". */
export function directivesOfHeader(values: string | readonly string[] = []): Directives {
  return both(...[values].flat().map((value) => directivesIn(forThisRobot(value))));
}

/** Only what all allow. */
export function both(...all: readonly Directives[]): Directives {
  return { index: all.every(({ index }) => index), follow: all.every(({ follow }) => follow) };
}

/** The rules of a header that are for every robot, or for this one. */
function forThisRobot(value: string): string {
  let isForThis = true;
  return value
    .split(",")
    .map((rule) => {
      const [, robot, own] = /^\s*([\w*-]+)\s*:\s*(.*)$/.exec(rule) ?? [];
      // These rules have a colon of their own.
      if (robot !== undefined && !/^(?:unavailable_after|max-\w+(?:-\w+)?)$/i.test(robot)) {
        isForThis = robot === "*" || robot.toLowerCase() === ROBOT;
        return isForThis ? own : "";
      }
      return isForThis ? rule : "";
    })
    .join(",");
}
