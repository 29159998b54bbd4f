/** Searching without an answer. */

import * as z from "zod/mini";
import { question, retrievalFields } from "./question.ts";

export const searchRequest = z.strictObject({ question, ...retrievalFields });
