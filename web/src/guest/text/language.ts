import type { Text } from "./text.ts";

/** The dictionaries beside English, each in a file of its own, so that nobody loads any but their own. */
export const DICTIONARIES = {
  ar: async () => (await import("./ar.ts")).ar,
  de: async () => (await import("./de.ts")).de,
  es: async () => (await import("./es.ts")).es,
  fr: async () => (await import("./fr.ts")).fr,
  it: async () => (await import("./it.ts")).it,
  ja: async () => (await import("./ja.ts")).ja,
  nl: async () => (await import("./nl.ts")).nl,
  pl: async () => (await import("./pl.ts")).pl,
  pt: async () => (await import("./pt.ts")).pt,
} satisfies Record<string, () => Promise<Text>>;

export type Language = "en" | keyof typeof DICTIONARIES;

/** The first of the guest's languages that the page speaks, whatever their country; else English. */
export function languageFor(preferred: readonly string[]): Language {
  const bases = preferred.map((tag) => tag.split("-", 1)[0]?.toLowerCase() ?? "");
  return bases.find(isSpoken) ?? "en";
}

/** What the page says to such a guest, or nothing where it is English, which is here already, or does not come. */
export async function dictionaryFor(preferred: readonly string[]): Promise<Text | undefined> {
  const language = languageFor(preferred);
  if (language === "en") return undefined;
  return DICTIONARIES[language]().catch(() => undefined);
}

function isSpoken(base: string): base is Language {
  return base === "en" || Object.hasOwn(DICTIONARIES, base);
}
