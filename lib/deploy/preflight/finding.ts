/** What one check found. */
export interface Finding {
  check: string;
  status: "ok" | "problem" | "not checked";
  /** What was found, or why it could not be checked. Never the value of a secret. */
  detail: string;
  /** What to do about a problem. */
  remedy?: string;
}

export function ok(check: string, detail: string): Finding {
  return { check, status: "ok", detail };
}

export function problem(check: string, detail: string, remedy: string): Finding {
  return { check, status: "problem", detail, remedy };
}

/** @param why it could not be checked */
export function notChecked(check: string, why: string): Finding {
  return { check, status: "not checked", detail: why };
}

const SIGNS: Record<Finding["status"], string> = { ok: "✓", problem: "✗", "not checked": "–" };
const CHECK_WIDTH = 14;

/** A finding as one line, or two for a problem. */
export function linesOf({ check, status, detail, remedy }: Finding): string {
  const line = `${SIGNS[status]} ${check.padEnd(CHECK_WIDTH)}${status === "not checked" ? "not checked: " : ""}${detail}`;
  return remedy === undefined ? line : `${line}\n  ${"".padEnd(CHECK_WIDTH)}→ ${remedy}`;
}

/** The last line: the overall result. */
export function summaryOf(stage: string, findings: readonly Finding[]): string {
  const many = (wanted: Finding["status"]) => findings.filter(({ status }) => status === wanted).length;
  const problems = many("problem");
  const counts = `${many("ok")} ok, ${problems} ${problems === 1 ? "problem" : "problems"}, ${many("not checked")} not checked`;
  return problems === 0 ? `✓ ${stage} can be deployed: ${counts}` : `✗ ${stage} should not be deployed yet: ${counts}`;
}
