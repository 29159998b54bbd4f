import * as z from "zod/mini";
import en from "zod/v4/locales/en.js";
import { type AccessConfig, accessFields, accessProblemsOf, toAccess } from "./access.ts";
import { type FeedbackConfig, feedbackFields, feedbackProblemsOf, toFeedback } from "./feedback.ts";
import { flag, oneOf } from "./fields.ts";
import { type JudgeConfig, judgeFields, judgeProblemsOf, toJudge } from "./judge.ts";
import { missingOf, problemsOf, type ServicesConfig, serviceFields, toServices } from "./services.ts";
import { type ShadowConfig, shadowFields, shadowProblemsOf, toShadow } from "./shadow.ts";
import { isTelemetryOff, type TelemetryConfig, telemetryFields, toTelemetry } from "./telemetry.ts";

z.config(en());

/** Invalid settings; the message names all of them, one per line. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** All environment variables of the functions. */
export const environment = z.object({
  ...telemetryFields,
  RAG_DATA_DIR: z._default(z.string(), ".edge-rag"),
  RAG_EMBEDDED: flag(false),
  RAG_CHAT_SOURCES: oneOf(["none", "list"], "none"),
  ...serviceFields,
  ...accessFields,
  ...feedbackFields,
  ...judgeFields,
  ...shadowFields,
  AWS_LAMBDA_FUNCTION_NAME: z.optional(z.string()),
  AWS_LAMBDA_RUNTIME_API: z.optional(z.string()),
  AWS_LAMBDA_INITIALIZATION_TYPE: z.optional(z.string()),
  AWS_REGION: z.optional(z.string()),
  AWS_LAMBDA_FUNCTION_VERSION: z.optional(z.string()),
  AWS_LAMBDA_LOG_STREAM_NAME: z.optional(z.string()),
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: z.optional(z.coerce.number({ error: "must be a number of MiB" })),
  IS_OFFLINE: flag(false),
});

/** The validated settings of the process, with defaults. */
export interface Config {
  /** The Lambda runtime; absent elsewhere, including serverless-offline. */
  lambda?: LambdaConfig;
  /** Folder of the embedded store. */
  dataDir: string;
  services: ServicesConfig;
  access: AccessConfig;
  /** Ratings of answers; absent when they cannot be rated. */
  feedback?: FeedbackConfig;
  /** The language model that judges answers; absent when none does, as with telemetry off, which nothing could record. */
  judge?: JudgeConfig;
  /** What answers a share of the questions again; absent when nothing does, as with telemetry off. */
  shadow?: ShadowConfig;
  /** Of OpenAI's protocol: whether the cited sources are appended to an answer's text. */
  chat: { sources: "none" | "list" };
  telemetry: TelemetryConfig & {
    /** Of Lambda, serverless-offline or a worker; absent elsewhere. */
    platform?: PlatformConfig;
  };
}

export interface LambdaConfig {
  /** Host and port of the Runtime and Extensions APIs. */
  runtimeApi: string;
  /** Whether one environment runs many invocations at once and is never frozen. */
  managedInstances: boolean;
}

export interface PlatformConfig {
  provider: "aws" | "cloudflare" | undefined;
  name: "aws_lambda" | "cloudflare.workers" | undefined;
  region?: string | undefined;
  functionName: string;
  functionVersion: string | undefined;
  instance?: string | undefined;
  memoryMiB?: number | undefined;
}

/**
 * Reads and validates the settings. An empty value counts as unset, as the OpenTelemetry specification requires.
 *
 * @param deployed where the functions run, if not on a laptop or, as the environment says, on Lambda: "in a worker"
 * @throws ConfigError with one line per invalid setting: what is wrong and what is expected, never the value
 */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env, deployed?: string): Config {
  // With telemetry off, OTEL_* settings are not validated: turning it off must work whatever they are.
  const isOff = isTelemetryOff(env);
  const isRead = ([name, value]: [string, string | undefined]) => value && !(isOff && name.startsWith("OTEL_"));
  const result = environment.safeParse(Object.fromEntries(Object.entries(env).filter(isRead)));
  if (!result.success) {
    throw new ConfigError(result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}.`).join("\n"));
  }
  const settings = result.data;
  const lambda = toLambda(settings);
  const platform = toPlatform(settings);
  const where = lambda ? "on Lambda" : deployed;
  const missing = where && !(lambda && settings.RAG_EMBEDDED) ? missingOf(settings, where) : [];
  const feedback = toFeedback(settings);
  const services = toServices(settings);
  const judge = isOff ? undefined : toJudge(settings, services.chat?.model);
  const shadow = isOff ? undefined : toShadow(settings, services);
  const ownProblems = [...accessProblemsOf(settings, where), ...feedbackProblemsOf(settings)];
  if (!isOff)
    ownProblems.push(...judgeProblemsOf(settings, services.chat?.model), ...shadowProblemsOf(settings, services));
  const problems = [...problemsOf(settings), ...ownProblems, ...missing];
  if (lambda && missing.length > 0) {
    problems.push(
      "Without these services the embedded parts would be used, which are meant for a laptop. To use them on Lambda " +
        "anyway, from a container image that has them, set RAG_EMBEDDED=true and RAG_DATA_DIR to a persistent folder.",
    );
  }
  if (problems.length > 0) throw new ConfigError(problems.join("\n"));
  return {
    ...(lambda && { lambda }),
    dataDir: settings.RAG_DATA_DIR,
    services,
    access: toAccess(settings),
    ...(feedback && { feedback }),
    ...(judge && { judge }),
    ...(shadow && { shadow }),
    chat: { sources: settings.RAG_CHAT_SOURCES },
    telemetry: { ...toTelemetry(settings), ...(isOff && { enabled: false }), ...(platform && { platform }) },
  };
}

/** As {@link readConfig}, with the problems, which a caller adds its own to, in place of the error. */
export function tryReadConfig(...args: Parameters<typeof readConfig>): { config?: Config; problems: string[] } {
  try {
    return { config: readConfig(...args), problems: [] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { problems: [error.message] };
  }
}

/**
 * The X-Ray trace header of the current invocation: the only variable that Lambda changes between invocations. Unset on
 * managed instances, where invocations run concurrently.
 */
export function readXrayTraceHeader(
  env: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  return env._X_AMZN_TRACE_ID || undefined;
}

function toLambda(settings: z.output<typeof environment>): LambdaConfig | undefined {
  const { AWS_LAMBDA_FUNCTION_NAME, AWS_LAMBDA_RUNTIME_API: runtimeApi, AWS_LAMBDA_INITIALIZATION_TYPE } = settings;
  if (!AWS_LAMBDA_FUNCTION_NAME || !runtimeApi || settings.IS_OFFLINE) return undefined;
  return { runtimeApi, managedInstances: AWS_LAMBDA_INITIALIZATION_TYPE === "lambda-managed-instances" };
}

function toPlatform(settings: z.output<typeof environment>): PlatformConfig | undefined {
  const { AWS_LAMBDA_FUNCTION_NAME: functionName } = settings;
  if (!functionName) return undefined;
  const cloud = !settings.IS_OFFLINE;
  return {
    provider: cloud ? "aws" : undefined,
    name: cloud ? "aws_lambda" : undefined,
    region: cloud ? settings.AWS_REGION : undefined,
    functionName,
    functionVersion: settings.AWS_LAMBDA_FUNCTION_VERSION,
    instance: settings.AWS_LAMBDA_LOG_STREAM_NAME,
    memoryMiB: settings.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
  };
}
