/** What a dictionary needs to put numbers into words: of `Category` are the plural forms that its language has. */
export interface Numbers<Category extends Intl.LDMLPluralRule> {
  number(n: number): string;
  percent(share: number): string;
  /** Makes a text of a count; "#" stands for the number, and a form may do without it. */
  counted(forms: Record<Category, string>): (n: number) => string;
}

/** `usual` is the form for whatever category a dictionary does without, such as that of fractions. */
export function numbersOf<Category extends Intl.LDMLPluralRule>(
  locale: string,
  usual: NoInfer<Category>,
): Numbers<Category> {
  const plurals = new Intl.PluralRules(locale);
  const numbers = new Intl.NumberFormat(locale);
  const percents = new Intl.NumberFormat(locale, { style: "percent" });
  return {
    number: (n) => numbers.format(n),
    percent: (share) => percents.format(share),
    counted: (forms: Partial<Record<Intl.LDMLPluralRule, string>> & Record<Category, string>) => (n) =>
      (forms[plurals.select(n)] ?? forms[usual]).replace("#", numbers.format(n)),
  };
}
