import { expect, test } from "vitest";
import { DICTIONARIES, dictionaryFor, languageFor } from "./language.ts";

test.each([
  [["de-DE", "en"], "de"],
  [["pt-BR"], "pt"],
  [["AR-eg"], "ar"],
  [["zh-TW", "fr-CA", "de"], "fr"],
  [["en-GB", "de"], "en"],
  [["zh-TW", "ko"], "en"],
  [["constructor", "", "pl"], "pl"],
  [["den", "nl-Latn-BE"], "nl"],
  [[], "en"],
])("a guest who prefers %j is spoken to in %s", (preferred, language) => {
  expect(languageFor(preferred)).toBe(language);
});

test("every dictionary is that of its language", async () => {
  for (const language of Object.keys(DICTIONARIES)) {
    expect((await dictionaryFor([language]))?.locale).toBe(language);
  }
});

test("nothing is loaded for English", async () => {
  expect(await dictionaryFor(["en-US"])).toBeUndefined();
});
