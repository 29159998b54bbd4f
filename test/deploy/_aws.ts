import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const CLOUDFORMATION = "http://cloudformation.amazonaws.com/doc/2010-05-15/";
const STS = "https://sts.amazonaws.com/doc/2011-06-15/";
const S3 = "http://s3.amazonaws.com/doc/2006-03-01/";
/** Objects that S3 lists, or removes, with one request. */
const PAGE = 1_000;
const TIME = "2026-01-01T00:00:00Z";

export interface SimulatedAws {
  url: string;
  /** What was stored, by key. */
  objects: Map<string, Buffer>;
  /** Keys of objects that cannot be removed. */
  locked: Set<string>;
  /** The regions that requests are signed for. */
  regions: Set<string>;
  /** Calls of CloudFormation that change something, in order. */
  changes: string[];
  /** Lets the stack have a function whose code has this key. */
  run(key: string): void;
  close(): void;
}

/**
 * As much of AWS as osls needs to deploy a stack: STS, CloudFormation, whose stacks are complete at once, S3, with one
 * bucket, and Lambda, asked when a function was updated. It checks no signature, and looks into no template.
 */
export async function simulateAws(): Promise<SimulatedAws> {
  const objects = new Map<string, Buffer>();
  /** What osls stores with an object, to know it again. */
  const sums = new Map<string, string>();
  const locked = new Set<string>();
  const changes: string[] = [];
  const regions = new Set<string>();
  let status: "CREATE_COMPLETE" | "UPDATE_COMPLETE" | undefined;
  /** The stack's template, and that of the change set. */
  let template = "{}";
  let next = "{}";

  /** What the member that is meant by an action's result holds, or the error that it is. */
  function resultOf(action: string, parameters: URLSearchParams): string | { error: string } {
    if (/^(?:Create|Execute|Delete)/.test(action)) changes.push(action);
    switch (action) {
      case "DescribeStacks":
        if (!status) return { error: "Stack with id edge-rag-dev does not exist" };
        return `<Stacks>${member({ StackName: "edge-rag-dev", StackId: "stack", CreationTime: TIME, StackStatus: status })}</Stacks>`;
      case "GetTemplate":
        return `<TemplateBody>${template.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</TemplateBody>`;
      case "CreateChangeSet":
        next = templateOf(parameters);
        return "<Id>change-set</Id><StackId>stack</StackId>";
      case "DescribeChangeSet":
        return "<ChangeSetId>change-set</ChangeSetId><Status>CREATE_COMPLETE</Status>";
      case "ExecuteChangeSet":
        template = next;
        status = status ? "UPDATE_COMPLETE" : "CREATE_COMPLETE";
        return "";
      case "DescribeStackEvents":
        return `<StackEvents>${member({
          EventId: `event-${changes.length}`,
          StackId: "stack",
          StackName: "edge-rag-dev",
          LogicalResourceId: "edge-rag-dev",
          PhysicalResourceId: "stack",
          ResourceType: "AWS::CloudFormation::Stack",
          ResourceStatus: status ?? "",
          Timestamp: new Date().toISOString(),
        })}</StackEvents>`;
      case "DescribeStackResource":
        return "<StackResourceDetail><PhysicalResourceId>bucket</PhysicalResourceId></StackResourceDetail>";
      case "GetCallerIdentity":
        return "<Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/test</Arn>";
      default:
        return "";
    }
  }

  /** Given in the request, or by its URL in the bucket. */
  function templateOf(parameters: URLSearchParams): string {
    const body = parameters.get("TemplateBody");
    return body ?? objects.get((parameters.get("TemplateURL") ?? "").split("/bucket/")[1] ?? "")?.toString() ?? "{}";
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const [, region] = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? "") ?? [];
    if (region) regions.add(region);
    const parameters = new URLSearchParams(request.method === "POST" ? body.toString() : "");
    const action = parameters.get("Action");
    response.setHeader("content-type", "text/xml");
    if (action) {
      const result = resultOf(action, parameters);
      const namespace = action === "GetCallerIdentity" ? STS : CLOUDFORMATION;
      if (typeof result === "string") {
        response.end(
          `<${action}Response xmlns="${namespace}"><${action}Result>${result}</${action}Result></${action}Response>`,
        );
      } else {
        response.writeHead(400);
        response.end(
          `<ErrorResponse xmlns="${namespace}"><Error><Code>ValidationError</Code><Message>${result.error}</Message></Error></ErrorResponse>`,
        );
      }
      return;
    }
    const key = decodeURIComponent(request.url ?? "").replace(/^\/bucket\/|\?.*$/g, "");
    if (request.method === "PUT") {
      objects.set(key, body);
      sums.set(key, String(request.headers["x-amz-meta-filesha256"]));
      response.end();
    } else if (request.method === "HEAD") {
      response.setHeader("x-amz-meta-filesha256", sums.get(key) ?? "");
      response.end();
    } else if (request.method === "POST") {
      const keys = Array.from(body.toString().matchAll(/<Key>([^<]*)</g), ([, removed = ""]) => removed);
      if (keys.length > PAGE) throw new Error(`S3 removes ${PAGE} objects at once`);
      for (const removed of keys) if (!locked.has(removed)) objects.delete(removed);
      const refused = keys.filter((removed) => locked.has(removed));
      const errors = refused.map(
        (refusedKey) => `<Error><Key>${refusedKey}</Key><Message>Access Denied</Message></Error>`,
      );
      response.end(`<DeleteResult xmlns="${S3}">${errors.join("")}</DeleteResult>`);
    } else if (objects.has(key)) {
      response.end(objects.get(key));
    } else if (key.includes("/functions/")) {
      // Updated after all that was stored.
      response.end(JSON.stringify({ Configuration: { LastModified: new Date(Date.now() + 3_600_000).toISOString() } }));
    } else {
      const query = new URL(request.url ?? "", "http://bucket").searchParams;
      const start = Number(query.get("continuation-token") ?? 0);
      const keys = [...objects.keys()].filter((key) => key.startsWith(query.get("prefix") ?? "")).toSorted();
      const listed = keys.slice(start, start + PAGE).map((key) => `<Contents><Key>${key}</Key></Contents>`);
      const isTruncated = start + PAGE < keys.length;
      const next = isTruncated ? `<NextContinuationToken>${start + PAGE}</NextContinuationToken>` : "";
      const page = `<IsTruncated>${isTruncated}</IsTruncated>${next}${listed.join("")}`;
      response.end(`<ListBucketResult xmlns="${S3}">${page}</ListBucketResult>`);
    }
  }

  function run(S3Key: string): void {
    template = JSON.stringify({
      Resources: { Query: { Type: "AWS::Lambda::Function", Properties: { Code: { S3Key } } } },
    });
  }

  const server = createServer((request, response) => void answer(request, response)).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, objects, locked, changes, regions, run, close: () => void server.close() };
}

function member(fields: Record<string, string>): string {
  const inner = Object.entries(fields).map(([name, value]) => `<${name}>${value}</${name}>`);
  return `<member>${inner.join("")}</member>`;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}
