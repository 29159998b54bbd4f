import { dateFromSerial, format, getFormatDateInfo, getFormatFromId, isDateFormat } from "numfmt";
import { attributeOf, childAt, childrenOf, type XmlElement } from "#bulk/office/xml.ts";

/** Days between the two calendars that workbooks count from. */
const DAYS_TO_1904 = 1462;

/** A number as the sheet shows it, by the number of its style; a date as ISO 8601. */
export type CellFormat = (value: number, style: number) => string;

/**
 * @param styles the root of the workbook's styles
 * @param isFrom1904 whether its dates count from 1904
 */
export function cellFormatOf(styles: XmlElement | undefined, isFrom1904: boolean): CellFormat {
  const custom = new Map(
    childrenOf(childAt(styles, "numFmts"), "numFmt").map((entry) => [
      attributeOf(entry, "numFmtId"),
      attributeOf(entry, "formatCode"),
    ]),
  );
  const patterns = childrenOf(childAt(styles, "cellXfs"), "xf").map((entry) => {
    const id = attributeOf(entry, "numFmtId");
    return custom.get(id) ?? getFormatFromId(Number(id ?? 0)) ?? "General";
  });
  return (value, style) => {
    const pattern = patterns[style] ?? "General";
    try {
      return isDateFormat(pattern) ? isoDate(value, pattern, isFrom1904) : format(pattern, value).trim();
    } catch {
      // A pattern that only its own program knows.
      return String(value);
    }
  };
}

function isoDate(serial: number, pattern: string, isFrom1904: boolean): string {
  const { year, month, day, hours } = getFormatDateInfo(pattern);
  const hasDate = year || month || day;
  // Durations such as [h]:mm, and times of day.
  if (!hasDate) return format(pattern, serial).trim();
  const [y = 0, m = 0, d = 0, hour = 0, minute = 0, second = 0] =
    dateFromSerial(serial + (isFrom1904 ? DAYS_TO_1904 : 0)) ?? [];
  const two = (part: number): string => String(part).padStart(2, "0");
  const date = `${String(y).padStart(4, "0")}-${two(m)}-${two(d)}`;
  if (!hours) return date;
  return `${date} ${two(hour)}:${two(minute)}${second === 0 ? "" : `:${two(second)}`}`;
}
