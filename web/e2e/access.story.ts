import type { FileChooser, Page } from "@playwright/test";
import { fits, isAccessible } from "./support/accessible.ts";
import { sample, smallPhoto, smallPhotos } from "./support/photos.ts";
import { PutGate } from "./support/put-gate.ts";
import { expect, test } from "./support/story.ts";

const LONG_NAME = `${"a-name-without-any-space".repeat(8)}.jpg`;

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`on a small phone, ${colorScheme}`, () => {
    test.use({ colorScheme, viewport: { width: 320, height: 640 } });

    test("the guest's page is readable at every stage", async ({ context, owner, guest, page }) => {
      const gate = await PutGate.before(context);
      await guest.open(await owner.invite({ title: "Anna & Ben".repeat(4), message: "Send\nall of them" }));
      await isAccessible(page);
      await fits(page);

      gate.close();
      await guest.pick([...smallPhotos(12), smallPhoto(13, LONG_NAME)]);
      await gate.hasHeld(6);
      await isAccessible(page);
      await fits(page);

      gate.open();
      await guest.pick([sample("notes.txt").path, sample("photo.heic").path]);
      await guest.seesAllSaved(14);
      await isAccessible(page);
      await fits(page);
    });

    test("the page of a link that has ended is readable", async ({ server, page }) => {
      await page.goto(`${server.url}/api/upload/`);
      await isAccessible(page);
      await fits(page);
    });

    test("the owner's page is readable in every view", async ({ owner, ownerPage, guest, page, server }) => {
      await guest.open(await owner.invite({ title: LONG_NAME, message: LONG_NAME }));
      await guest.pick([smallPhoto(1, LONG_NAME), smallPhoto(2)]);
      await guest.seesAllSaved(2);
      await owner.checkedPhotos();
      await owner.revoke(await owner.invite());

      await page.goto(`${server.url}/admin/`);
      await expect(ownerPage.heading("Sign in")).toBeVisible();
      await isAccessible(page);
      await fits(page);
      await ownerPage.signIn(owner.signInLink);
      await page.getByText("New invitation").click();
      await expect(page.getByRole("link", { name: LONG_NAME })).toBeVisible();
      await isAccessible(page);
      await fits(page);
      await page.getByRole("link", { name: LONG_NAME }).click();
      await ownerPage.seesPhoto(LONG_NAME);
      await isAccessible(page);
      await fits(page);
      await page.locator("summary", { hasText: "Statistics" }).click();
      await expect(page.getByRole("table", { name: /^Photos per day/ })).toBeAttached();
      await isAccessible(page);
      await fits(page);
      const dialog = await ownerPage.openPhoto(LONG_NAME);
      await ownerPage.seesPicture(dialog.getByRole("img", { name: LONG_NAME }));
      await isAccessible(page);
      await fits(page);
      await dialog.getByRole("button", { name: "Close" }).click();
      await page.getByRole("button", { name: "Revoke…" }).click();
      await isAccessible(page);
      await page.keyboard.press("Escape");
      await page.getByRole("link", { name: "Statistics" }).click();
      await expect(ownerPage.heading("Cameras")).toBeVisible();
      await isAccessible(page);
      await fits(page);
    });
  });
}

test("pages follow the device from light to dark", async ({ owner, page, server }) => {
  const { upload_link } = await owner.invite();
  for (const address of [upload_link, `${server.url}/api/upload/`, `${server.url}/admin/`]) {
    await page.goto(address);
    await page.emulateMedia({ colorScheme: "light" });
    const light = await brightness(page);
    await page.emulateMedia({ colorScheme: "dark" });
    expect(light).toBeGreaterThan(200);
    expect(await brightness(page)).toBeLessThan(60);
  }
});

test("a guest who uses the keyboard only sends a photo and hears that it is saved", async ({
  owner,
  guest,
  page,
}) => {
  const choosers: FileChooser[] = [];
  page.on("filechooser", (chooser) => choosers.push(chooser));
  await guest.open(await owner.invite());
  await page.keyboard.press("Tab");
  await expect(guest.picker).toBeFocused();
  await page.keyboard.press("Enter");
  await expect.poll(() => choosers.length).toBe(1);
  expect(choosers[0]?.isMultiple()).toBe(true);
  await choosers[0]?.setFiles([sample("photo.jpg").path, sample("photo.png").path]);
  await guest.seesAllSaved(2);
  await expect(guest.headline).toBeFocused();
  await expect(
    page.getByRole("status").filter({ hasText: /All 2 photos are (saved|safely stored)/ }),
  ).toBeVisible();
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Shift+Tab");
  await expect(guest.picker).toBeFocused();
});

test("an owner who uses the keyboard only invites and revokes", async ({ owner, ownerPage, page }) => {
  await ownerPage.signIn(owner.signInLink);
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  await page.getByText("New invitation").focus();
  await press("Enter", "Tab");
  await page.keyboard.type("guest@example.com");
  await press("Tab", "Tab", "Tab", "Tab", "Tab", "Tab", "Tab");
  await expect(page.getByRole("button", { name: "Make invitation" })).toBeFocused();
  await press("Enter");
  await expect(ownerPage.link).toBeVisible();
  await expect(page.getByRole("main")).toBeFocused();
  await press("Tab", "Tab", "Tab", "Tab");
  await expect(page.getByRole("button", { name: "Revoke…" })).toBeFocused();
  await press("Enter");
  await expect(page.getByRole("button", { name: "Cancel" })).toBeFocused();
  await press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(page.getByRole("button", { name: "Revoke…" })).toBeFocused();
  await press("Enter", "Tab", "Enter");
  await expect(page.getByRole("status").filter({ hasText: "Revoked" })).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
  await page.getByRole("button", { name: "Sign out" }).focus();
  await press("Enter");
  await expect(ownerPage.heading("Sign in")).toBeFocused();
});

/** Of the page's ground, from 0 to 255. */
async function brightness(page: Page): Promise<number> {
  const colour = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const channels = (colour.match(/\d+/g) ?? []).slice(0, 3).map(Number);
  return channels.reduce((sum, channel) => sum + channel, 0) / 3;
}
