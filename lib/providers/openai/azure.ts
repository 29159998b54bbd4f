const AZURE_HOSTS = /(?:^|\.)azure\.com$/;
const AZURE_OPENAI_HOSTS = /\.openai\.azure\.com$/;
/** The path of an operation, which the address has as Azure's portal shows it. */
const OPERATION = /\/(?:embeddings|chat\/completions)\/*$/;

interface Address {
  baseURL: string;
  /** Of the classic API, which is called with the parameter `api-version` and the header `api-key`. */
  apiVersion?: string;
}

/**
 * The address of a model on Azure, and any other address unchanged. Azure's current API has the path `/openai/v1` and is
 * called like OpenAI's; the classic one has a path per deployment, `/openai/deployments/NAME`, and a version:
 * https://learn.microsoft.com/azure/ai-foundry/openai/reference
 *
 * @param url the resource, a deployment, or the whole address of an operation with its `api-version`
 * @param version of the classic API; ignored for other addresses and the current API
 * @param deployment whose path is added when the address has none
 * @throws Error when the address of a deployment has no version
 */
export function resolveAddress(url: string, version: string | undefined, deployment: string): Address {
  const address = new URL(url);
  const apiVersion = address.searchParams.get("api-version") ?? version;
  const path = address.pathname.replace(OPERATION, "").replace(/\/+$/, "");
  const isAzure = AZURE_HOSTS.test(address.hostname) || /\/openai(?:\/deployments\/[^/]+)?$/.test(path);
  if (!isAzure || /\/v1$/.test(path)) return { baseURL: url };
  const isDeployment = /\/deployments\/[^/]+$/.test(path);
  if (!apiVersion) {
    if (isDeployment) {
      throw new Error(`OPENAI_API_VERSION must be set for ${address.host}: the address is of a deployment on Azure.`);
    }
    return { baseURL: path === "" && AZURE_OPENAI_HOSTS.test(address.hostname) ? `${address.origin}/openai/v1` : url };
  }
  const root = path.endsWith("/openai") || isDeployment ? path : `${path}/openai`;
  const deploymentPath = isDeployment ? root : `${root}/deployments/${encodeURIComponent(deployment)}`;
  return { baseURL: `${address.origin}${deploymentPath}`, apiVersion };
}
