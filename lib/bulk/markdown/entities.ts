const NAMED: Readonly<Record<string, string>> = {
  ...{
    amp: "&",
    lt: "<",
    gt: ">",
    quot: '"',
    apos: "'",
    nbsp: " ",
    ensp: " ",
    emsp: " ",
    thinsp: " ",
    shy: "",
    zwnj: "",
  },
  ...{
    copy: "©",
    reg: "®",
    trade: "™",
    mdash: "—",
    ndash: "–",
    hellip: "…",
    bull: "•",
    middot: "·",
    sect: "§",
    deg: "°",
  },
  ...{
    lsquo: "‘",
    rsquo: "’",
    ldquo: "“",
    rdquo: "”",
    laquo: "«",
    raquo: "»",
    times: "×",
    plusmn: "±",
    euro: "€",
    pound: "£",
  },
  ...{
    larr: "←",
    rarr: "→",
    uarr: "↑",
    darr: "↓",
    check: "✓",
    hearts: "♥",
    frac12: "½",
    frac14: "¼",
    micro: "µ",
    le: "≤",
    ge: "≥",
  },
};
const ENTITY = /&(?:#(\d{1,7})|#[xX]([\da-fA-F]{1,6})|([A-Za-z][A-Za-z\d]{1,30}));/g;

/** Decodes numeric character references and the common named ones of HTML; others stay. */
export function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(ENTITY, (whole, decimal = "", hex = "", name = "") => {
    if (name !== "") return NAMED[name] ?? whole;
    const point = decimal === "" ? Number.parseInt(hex, 16) : Number(decimal);
    return point > 0x1f && point <= 0x10ffff ? String.fromCodePoint(point).toWellFormed() : whole;
  });
}
