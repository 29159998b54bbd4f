/** `OPENAI_PRICES`: what models cost that are not in the price table, or cost something else. */
import * as z from "zod/mini";
import { list } from "./fields.ts";

/** US dollars per million tokens, or the name of another model that costs the same. */
export type ConfiguredPrice = { input: number; output: number } | { embedding: number } | { as: string };

const NUMBER = String.raw`\d{1,6}(?:\.\d{1,6})?`;
const PRICE = new RegExp(`^(${NUMBER})(?:/(${NUMBER}))?$`);

/** `MODEL=INPUT/OUTPUT` for a chat model, `MODEL=INPUT` for an embedding model, or `MODEL=OTHER`; separated by commas. */
export const prices = z.pipe(
  z
    .string()
    .check(
      z.refine(
        (text) => parsePrices(text) !== undefined,
        "must be comma-separated MODEL=INPUT/OUTPUT, MODEL=INPUT for an embedding model, both in US dollars per million " +
          "tokens, or MODEL=OTHER-MODEL, such as my-chat=0.1/0.5,my-alias=gpt-6-luna",
      ),
    ),
  z.transform((text) => parsePrices(text) ?? new Map<string, ConfiguredPrice>()),
);

/** `undefined` when the text has another format. */
function parsePrices(text: string): Map<string, ConfiguredPrice> | undefined {
  const entries = list(text).map((entry): [string, ConfiguredPrice] | undefined => {
    const [model = "", price = "", ...rest] = entry.split("=").map((part) => part.trim());
    if (model === "" || price === "" || rest.length > 0) return undefined;
    const [, input, output] = PRICE.exec(price) ?? [];
    if (input === undefined) return /^[\d./-]/.test(price) ? undefined : [model, { as: price }];
    return [
      model,
      output === undefined ? { embedding: Number(input) } : { input: Number(input), output: Number(output) },
    ];
  });
  return entries.includes(undefined) ? undefined : new Map(entries.filter((entry) => entry !== undefined));
}
