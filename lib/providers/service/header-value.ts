/** Characters that fetch accepts in a header; its own error message would quote the secret. */
const HEADER_VALUE = /^[\x21-\x7e]+$/;

/**
 * @param name for the message: "The OpenAI API key"
 * @throws Error that does not contain the secret, when it is not a valid header value
 */
export function assertHeaderValue(name: string, secret: string): void {
  if (!HEADER_VALUE.test(secret)) {
    throw new Error(`${name} is empty or has characters that are not allowed in an HTTP header.`);
  }
}
