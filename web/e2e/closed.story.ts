import { CLOSED } from "../src/closed/text.ts";
import { de } from "../src/guest/text/de.ts";
import { fits } from "./support/accessible.ts";
import { expect, test } from "./support/story.ts";

const HEADINGS = {
  missing: "This link is not complete",
  unknown: "We do not know this link",
  expired: "This link has ended",
};

const stories: { reason: keyof typeof HEADINGS; query: string }[] = [
  { reason: "missing", query: "" },
  { reason: "missing", query: "?access_token=" },
  { reason: "unknown", query: "?access_token=b4d6b9a2-5c57-4f0a-8a3e-0c2f5c1f7a10" },
  { reason: "unknown", query: "?access_token=%3Cscript%3Ealert(1)%3C/script%3E" },
];

for (const { reason, query } of stories) {
  test(`a link that ends in "${query}" is ${reason}: the page says what to do`, async ({ server, page }) => {
    const answer = await page.goto(`${server.url}/api/upload/${query}`);
    expect(answer?.status()).toBe(403);
    await expect(page.getByRole("heading")).toHaveText(HEADINGS[reason]);
    await expect(page.getByText(/ask the person who invited you/)).toHaveCount(3);
    await expect(page.getByText(/ask the person who invited you/).filter({ visible: true })).toHaveCount(1);
    await expect(page.locator("input, button, script")).toHaveCount(0);
  });
}

test("a revoked link has ended, and tells that saved photos stay", async ({ owner, page }) => {
  const invitation = await owner.invite();
  await owner.revoke(invitation);
  const answer = await page.goto(invitation.upload_link);
  expect(answer?.status()).toBe(403);
  await expect(page.getByRole("heading")).toHaveText(HEADINGS.expired);
  await expect(page.getByText("Photos that were saved stay saved.")).toBeVisible();
  await expect(page.locator("input, button, script")).toHaveCount(0);
});

test("a link whose time is over has ended", async ({ owner, page }) => {
  const invitation = await owner.invite({ expires_at: new Date(Date.now() + 1500).toISOString() });
  expect((await fetch(invitation.upload_link)).status).toBe(200);
  await expect.poll(async () => (await fetch(invitation.upload_link)).status).toBe(403);
  await page.goto(invitation.upload_link);
  await expect(page.getByRole("heading")).toHaveText(HEADINGS.expired);
});

for (const { locale, lang, dir } of [
  { locale: "de-DE", lang: "de", dir: "ltr" },
  { locale: "ar", lang: "ar", dir: "rtl" },
] as const) {
  test.describe(`to a guest whose browser speaks ${locale}`, () => {
    test.use({ locale, javaScriptEnabled: false, viewport: { width: 320, height: 640 } });

    test("the page of an ended link speaks their language", async ({ owner, page }) => {
      const invitation = await owner.invite();
      await owner.revoke(invitation);
      expect((await page.goto(invitation.upload_link))?.status()).toBe(403);
      await expect(page.locator("html")).toHaveAttribute("lang", lang);
      await expect(page.locator("html")).toHaveAttribute("dir", dir);
      await expect(page).toHaveTitle(CLOSED[lang].title);
      await expect(page.getByRole("heading")).toHaveText(CLOSED[lang].expired);
      await expect(page.getByText(CLOSED[lang].expiredRemedy)).toBeVisible();
      await expect(page.getByText(CLOSED[lang].saved)).toBeVisible();
      await fits(page);
    });
  });
}

test.describe("in an English browser without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("the guest's page says in all languages what it needs", async ({ owner, guest, page }) => {
    await guest.open(await owner.invite());
    const sentences = page.locator("noscript p");
    await expect(sentences).toHaveCount(10);
    await expect(sentences.first()).toBeVisible();
    await expect(page.locator('noscript [lang="de"]')).toHaveText(de.needsScript);
  });
});
