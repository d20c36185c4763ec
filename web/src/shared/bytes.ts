/** "4.2 MB": from kilobytes on, in steps of a thousand, with at most one digit behind the point. */
export function formatBytes(bytes: number, locale: string): string {
  const units = ["kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3) - 1));
  const amount = bytes / 1000 ** (step + 1);
  const unit = units[step] ?? "kilobyte";
  const digits = amount < 100 && step > 0 ? 1 : 0;
  return new Intl.NumberFormat(locale, { style: "unit", unit, maximumFractionDigits: digits }).format(amount);
}
