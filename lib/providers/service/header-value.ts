/** What fetch can send in a header; its own error would quote the secret. */
const SENDABLE = /^[\x21-\x7e]+$/;

/**
 * @param name for the message: "The OpenAI API key"
 * @throws Error that does not tell the secret, when no header can carry it
 */
export function assertHeaderValue(name: string, secret: string): void {
  if (!SENDABLE.test(secret)) throw new Error(`${name} is empty or has characters that no HTTP header can carry.`);
}
