/**
 * English stop words. A short list: only function words and question words, so that a query such as "The Who" or "IT"
 * still matches by its other words.
 */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  `a about after all also an and any are as at be because been before being between but by can could did do does doing
  done during each for from had has have having he her hers him his how i if in into is it its many may me might
  more most much must my no nor not of on or other our over she should so some such than that the their them
  then there these they this those through to under until up us was we were what when where which while who whom
  whose why will with would you your`.split(/\s+/),
);
