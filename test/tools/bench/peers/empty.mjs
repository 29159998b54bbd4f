/** The baseline: Lambda's runtime and Node.js alone. */
export const handler = async () => ({ statusCode: 204 });
