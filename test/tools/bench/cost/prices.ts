/** AWS's on-demand price in us-east-1, first tier, without the free tier. */
export interface Price {
  usd: number;
  unit: string;
  /** AWS's pricing page. */
  source: string;
  /** The third-party page that it was read from. */
  quotedIn: string;
}

/** When the sources were last checked. */
export const PRICES_OF = "2026-11-25";

export const PRICES = {
  compute: {
    usd: 0.0000133334,
    unit: "GB-second, arm64; init is billed since August 2025",
    source: "https://aws.amazon.com/lambda/pricing/",
    quotedIn: "https://cloudchipr.com/blog/aws-lambda-pricing (2024)",
  },
  invocations: {
    usd: 0.2,
    unit: "million requests",
    source: "https://aws.amazon.com/lambda/pricing/",
    quotedIn: "https://cloudchipr.com/blog/aws-lambda-pricing (2024)",
  },
  transfer: {
    usd: 0.09,
    unit: "GB out to the internet; free within a zone",
    source: "https://aws.amazon.com/ec2/pricing/on-demand/",
    quotedIn: "https://finopsforge.com/reduce-aws-data-transfer-costs",
  },
} as const satisfies Record<string, Price>;
