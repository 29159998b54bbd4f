import type { Tenant } from "./_service.ts";

/** A word in the texts, titles and URLs of one tenant only. */
export const secretOf = (tenant: Tenant): string => `secretof${tenant.replace("-", "")}x`;

export interface NewDocument {
  id: string;
  text: string;
  title?: string;
  url?: string;
  topic_ids: number[];
  metadata: Record<string, string>;
}

export interface Query {
  question: string;
  top_k: number;
  topic_ids?: number[];
  filter?: Record<string, string | string[]>;
  stream: boolean;
}

/** A list of documents, and where it is to begin. */
export interface Listing {
  way: "embed" | "mcp";
  prefix?: string;
  topics?: number[];
  limit: number;
  /** Another's last cursor, or one that is made up; absent: from the beginning to the end. */
  cursor?: { of: Tenant } | { text: string };
}
