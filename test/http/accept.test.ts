import { expect, it } from "vitest";
import { prefersEvents } from "#http/accept.ts";

it.each([
  "text/event-stream",
  "TEXT/Event-Stream ; Q = 1",
  "text/event-stream;q=0.9, */*;q=0.1",
  "application/json, text/event-stream",
  "text/event-stream;charset=utf-8;q=0.001",
  "text/html,\ttext/event-stream",
])("an accept header asks for a stream: %j", (accept) => {
  expect(prefersEvents(accept)).toBe(true);
});

it.each([
  undefined,
  "",
  "*/*",
  "text/*",
  "application/json",
  "text/event-stream;q=0",
  "text/event-stream; q=0.000",
  "text/event-stream ;charset=utf-8 ; Q=0.",
  "text/event-stream;q=",
  "text/event-stream;q=none",
  "application/json, text/event-stream;q=0.5",
  "text/event-stream-x",
  "x/text/event-stream",
])("an accept header asks for no stream: %j", (accept) => {
  expect(prefersEvents(accept)).toBe(false);
});
