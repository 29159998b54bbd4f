/** Words that say nothing by themselves, of languages other than English; the most frequent ones, in lower case. */
export const FUNCTION_WORDS: ReadonlySet<string> = new Set(
  `der die das den dem des ein eine einen einem einer eines und oder ist sind war waren wird werden wurde hat haben mit
  von für auf aus bei nach zu zum zur im am an als auch sich es er sie wir ihr durch über unter dass wenn kann
  le la les un une des du de et ou est sont était ont dans par pour sur avec que qui ce cette ces il elle ils au aux se
  el los las uno una unos unas del y o es son fue ha han en por para con que se su sus lo al como más
  il lo gli i uno del della dei delle e è sono era nel nella per con che si su da al come più
  o os as um uma do da dos das e é são foi em no na por para com que se ao como mais
  het een van en of is zijn was werd wordt heeft hebben met voor op uit bij naar als ook zich dat die er
  и в на с по для от из к у о что это как он она они был была было были является
  في من على إلى عن هو هي أن التي الذي`.split(/\s+/),
);
