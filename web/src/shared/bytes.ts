/** Each takes as long to make as hundreds of numbers to format. */
const formats = new Map<string, Intl.NumberFormat>();

/** "4.2 MB": from kilobytes on, in steps of a thousand, with at most one digit behind the point. */
export function formatBytes(bytes: number, locale: string): string {
  const units = ["kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3) - 1));
  const amount = bytes / 1000 ** (step + 1);
  const digits = amount < 100 && step > 0 ? 1 : 0;
  return formatOf(locale, units[step] ?? "kilobyte", digits).format(amount);
}

function formatOf(locale: string, unit: string, maximumFractionDigits: number): Intl.NumberFormat {
  const key = `${locale} ${unit} ${maximumFractionDigits}`;
  const format =
    formats.get(key) ?? new Intl.NumberFormat(locale, { style: "unit", unit, maximumFractionDigits });
  formats.set(key, format);
  return format;
}
