import type { Page } from "@playwright/test";
import { ar } from "../src/guest/text/ar.ts";
import { de } from "../src/guest/text/de.ts";
import { fits, isAccessible } from "./support/accessible.ts";
import { sample, smallPhotos } from "./support/photos.ts";
import { PutGate } from "./support/put-gate.ts";
import { expect, test } from "./support/story.ts";

async function isIn(page: Page, lang: string, dir: string): Promise<void> {
  await expect(page.locator("html")).toHaveAttribute("lang", lang);
  await expect(page.locator("html")).toHaveAttribute("dir", dir);
}

for (const { locale, text, heading, end } of [
  {
    locale: "de-DE",
    text: de,
    heading: "Fotos senden",
    end: "Alle 3 Fotos sind sicher gespeichert und geprüft.",
  },
  { locale: "ar", text: ar, heading: "إرسال الصور", end: "حُفظت الصور كلها (3) بأمان وتم التحقق منها." },
]) {
  test.describe(`a guest whose browser speaks ${locale}`, () => {
    test.use({ locale, viewport: { width: 320, height: 640 } });

    test("reads their own language from the first word to the last", async ({
      context,
      owner,
      guest,
      page,
    }) => {
      const gate = await PutGate.before(context);
      await guest.open(await owner.invite());
      await isIn(page, text.locale, text.direction);
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(heading);
      await expect(page).toHaveTitle(heading);
      await isAccessible(page);

      gate.close();
      const picker = page.getByLabel(text.choosePhotos, { exact: true });
      await picker.setInputFiles(smallPhotos(3));
      await gate.hasHeld(3);
      await expect(guest.headline).toHaveText(text.progress(0, 3));
      await isAccessible(page);

      gate.open();
      await expect(guest.headline).toHaveText(end);
      await picker.setInputFiles(sample("notes.txt").path);
      await expect(guest.row("notes.txt")).toContainText(text.reasons.not_a_photo);
      await expect(page).toHaveTitle(text.titleDone(3));
      await isAccessible(page);
      await fits(page);
    });
  });
}

test.describe("where the words come late", () => {
  test.use({ locale: "de-DE" });

  test("photos are sent at once, and their rows are put into words again", async ({ owner, guest, page }) => {
    let letGo = () => {};
    const held = new Promise<void>((resolve) => (letGo = resolve));
    await page.route(/\/assets\/de-[^/]*\.js$/, async (route) => {
      await held;
      await route.continue();
    });
    await guest.open(await owner.invite());
    await guest.pick(smallPhotos(2));
    await guest.seesAllSaved(2);
    await expect(page.locator("html")).toHaveAttribute("lang", "en");
    letGo();
    await expect(guest.headline).toHaveText(de.allVerified(2));
    await expect(page.getByText(de.checked, { exact: true })).toHaveCount(2);
    await isIn(page, "de", "ltr");
  });

  test("and where they do not come at all, the page goes on in English", async ({ owner, guest, page }) => {
    await page.route(/\/assets\/de-[^/]*\.js$/, (route) => route.abort());
    await guest.open(await owner.invite());
    await guest.pick(smallPhotos(1));
    await guest.seesAllSaved(1);
    await expect(page.locator("html")).toHaveAttribute("lang", "en");
  });
});

test("a guest who reads English loads no other words", async ({ owner, guest, page }) => {
  const scripts: string[] = [];
  page.on("request", (request) => scripts.push(new URL(request.url()).pathname));
  await guest.open(await owner.invite());
  await guest.pick(smallPhotos(1));
  await guest.seesAllSaved(1);
  expect(scripts.filter((path) => /\/(ar|de|es|fr|it|ja|nl|pl|pt)-[^/]*\.js$/.test(path))).toEqual([]);
});
