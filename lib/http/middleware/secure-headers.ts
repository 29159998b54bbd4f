/** What every answer tells browsers: it is data for whoever asked, and nothing to show, run, frame or keep. */
const SECURE_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=31536000",
  "x-content-type-options": "nosniff",
};

export function secure(headers: Headers): void {
  for (const [name, value] of Object.entries(SECURE_HEADERS)) headers.set(name, value);
}
