import { expect, describe, test } from "vitest";
import { en } from "./en.ts";
import { DICTIONARIES } from "./language.ts";
import type { Text } from "./text.ts";
import { notesInWords, reasonInWords } from "./words.ts";

const texts = [en, ...(await Promise.all(Object.values(DICTIONARIES).map((load) => load())))];
const COUNTS = [0, 1, 2, 5, 21, 100];

const COUNTED = [
  "notSaved",
  "skippedFiles",
  "alreadyListed",
  "alreadyHere",
  "placeRemoved",
  "stillChecking",
  "allSaved",
  "allVerified",
  "couldNotBeSent",
  "notAccepted",
  "titleDone",
  "titleTrouble",
  "takesFiles",
] as const satisfies (keyof Text)[];
const OF_TWO_COUNTS = [
  "progress",
  "someSaved",
  "titleSending",
  "missing",
  "storedHere",
] as const satisfies (keyof Text)[];
const NAMING = [
  "notSavedYet",
  "linkWorksUntil",
  "retryOne",
  "cancelOne",
  "takeBackOne",
  "takeBackQuestion",
  "failed",
  "rejected",
  "skipped",
  "largerThan",
  "takesBytes",
  "storageRefused",
] as const satisfies (keyof Text)[];
const OTHERS = ["skippedFor", "sent", "uploading"] as const satisfies (keyof Text)[];

/** Of one and two a language may speak without a figure: "your photo", and Arabic's dual. */
function saysNumber(words: string, n: number, { locale }: Text): boolean {
  const figure = new Intl.NumberFormat(locale).format(n);
  return words.includes(figure) || n === 1 || (n === 2 && locale === "ar");
}

describe.each(texts.map((text) => [text.locale, text] as const))("in %s", (locale, text) => {
  test("all plain texts are there", () => {
    const plain = Object.values({ ...text, ...text.states, ...text.reasons, ...text.rejections }).filter(
      (value) => typeof value === "string",
    );
    for (const words of plain) expect(words).not.toBe("");
    expect(new Set(Object.values(text.reasons)).size).toBe(Object.keys(en.reasons).length);
  });

  test("no two buttons are called the same", () => {
    const { retry, retryAll, pause, resume, takeBack, keep, forgetMissing } = text;
    const buttons = [retry, retryAll, pause, resume, takeBack, keep, forgetMissing];
    expect(new Set(buttons).size).toBe(buttons.length);
  });

  test("what the server does not keep is told in its words, and what is new to the page in the server's", () => {
    const told = (rejection: string) => reasonInWords({ code: "rejected", message: "No.", rejection }, text);
    for (const code of ["not_an_image", "wrong_hash", "too_many_pixels"]) {
      expect(told(code)).not.toMatch(/^$|No\./);
    }
    expect([told("of_the_future"), told("constructor")]).toEqual(["No.", "No."]);
  });

  test("all texts that are told of something are tested here", () => {
    const told = Object.entries(text).filter(([, value]) => typeof value === "function");
    const tested = new Set<string>([...COUNTED, ...OF_TWO_COUNTS, ...NAMING, ...OTHERS]);
    expect(told.map(([key]) => key).filter((key) => !tested.has(key))).toEqual([]);
  });

  test.each(COUNTS)("%i is counted", (n) => {
    const counted = [...COUNTED.map((key) => text[key]), ...Object.values(text.skippedFor)].map((say) =>
      say(n),
    );
    for (const words of counted) {
      expect(words).not.toMatch(/#|undefined|NaN/);
      expect(words).toSatisfy((it: string) => saysNumber(it, n, text));
    }
    for (const key of OF_TWO_COUNTS) {
      const words = text[key](n, 1234);
      expect(words).toContain(new Intl.NumberFormat(locale).format(1234));
      expect(words).toSatisfy((it: string) => saysNumber(it, n, text));
    }
  });

  test("what is named is in the words", () => {
    for (const key of NAMING) expect(text[key]("a & <b>.jpg")).toContain("a & <b>.jpg");
    expect(text.sent("17 MB", "34 MB")).toMatch(/17 MB.*34 MB|34 MB.*17 MB/);
    const percent = new Intl.NumberFormat(locale, { style: "percent" }).format(0.05);
    expect(text.uploading(0.05)).toContain(percent);
  });

  test("where English has words, another language has others", () => {
    if (text === en) return;
    const shared = Object.entries(en).filter(
      ([key, words]) => typeof words === "string" && text[key as keyof Text] === words,
    );
    expect(shared.filter(([key]) => key !== "direction" && key !== "stop")).toEqual([]);
  });
});

test.each([
  ["de", 1, "1 Foto war schon in der Liste."],
  ["de", 2, "2 Fotos waren schon in der Liste."],
  ["fr", 0, "0 photo était déjà dans la liste."],
  ["pl", 1, "1 zdjęcie było już na liście."],
  ["pl", 22, "22 zdjęcia były już na liście."],
  ["pl", 25, "25 zdjęć było już na liście."],
  ["ja", 1, "1枚の写真はすでにリストにあります。"],
  ["ar", 2, "صورتان كانتا في القائمة من قبل."],
  ["ar", 3, "3 صور كانت في القائمة من قبل."],
])("%s has its own plural of %i", (locale, n, words) => {
  expect(texts.find((text) => text.locale === locale)?.alreadyListed(n)).toBe(words);
});

test.each([
  ["en", 0, 1, "0 of 1 photo is saved."],
  ["en", 0, 2, "0 of 2 photos are saved."],
  ["en", 1, 2, "1 of 2 photos is saved."],
  ["de", 0, 1, "0 von 1 Foto ist gespeichert."],
  ["nl", 0, 1, "0 van 1 foto is bewaard."],
])("%s says of %i of %i photos", (locale, saved, total, words) => {
  expect(texts.find((text) => text.locale === locale)?.someSaved(saved, total)).toBe(words);
});

test("a photo that could not be taken back says so beside what else there is to say", () => {
  const report = {
    id: 1,
    state: "saved",
    warnings: ["cut_off", "preview_partial"],
    notTakenBack: true,
  } as const;
  expect(notesInWords({ ...report, warnings: [...report.warnings] }, en)).toEqual([
    en.notTakenBack,
    en.incomplete,
  ]);
  expect(notesInWords({ id: 1, state: "saved" }, en)).toEqual([]);
});

test.each([
  ["en", { maxFiles: 3 }, "This invitation takes up to 3 photos."],
  ["en", { maxBytes: 50_000_000 }, "This invitation takes up to 50 MB in all."],
  ["de", { maxFiles: 1 }, "Diese Einladung nimmt 1 Foto an."],
])("%s says how much a full invitation takes: %o", (locale, limit, words) => {
  const text = texts.find((one) => one.locale === locale) ?? en;
  const full = `${text.reasons.quota_full}. `;
  expect(reasonInWords({ code: "quota_full", ...limit }, text)).toBe(full + words);
  expect(`${reasonInWords({ code: "quota_full" }, text)}. `).toBe(full);
});
