import { devices } from "@playwright/test";
import { isAccessible, suitsAPhone } from "./support/accessible.ts";
import { sample, smallPhoto, smallPhotos } from "./support/photos.ts";
import { PutGate } from "./support/put-gate.ts";
import { expect, test } from "./support/story.ts";

const { viewport, userAgent, deviceScaleFactor, isMobile, hasTouch } = devices["Pixel 7"];
const phone = { viewport, userAgent, deviceScaleFactor, isMobile, hasTouch };

test.describe("on a phone", () => {
  test.use(phone);

  test("a guest takes a photo, beside the library and not instead of it", async ({ owner, guest, page }) => {
    await guest.open(await owner.invite());
    await expect(page.getByText("Choose photos", { exact: true })).toBeVisible();
    await expect(page.getByText("Take a photo", { exact: true })).toBeVisible();
    await expect(page.getByLabel("Take a photo")).toHaveAttribute("capture", "environment");
    await expect(guest.picker).not.toHaveAttribute("capture");
    await page.getByLabel("Take a photo").setInputFiles(sample("photo.jpg").path);
    await page.getByLabel("Take a photo").setInputFiles(sample("photo.png").path);
    await guest.seesAllSaved(2);
    expect((await owner.photos()).map(({ name }) => name)).toEqual(["photo.jpg", "photo.png"]);
  });

  test("everything to touch is large enough for a thumb, at every stage", async ({
    context,
    owner,
    guest,
    page,
  }) => {
    const gate = await PutGate.before(context);
    const invitation = await owner.invite();
    await guest.open(invitation);
    await suitsAPhone(page);
    gate.close();
    await guest.pick([...smallPhotos(12), smallPhoto(13, "p.jpg")]);
    await gate.hasHeld(6);
    await expect(guest.detail).toContainText("Keep this page in front and the screen on");
    await suitsAPhone(page);
    await page.getByRole("button", { name: "Pause" }).click();
    await suitsAPhone(page);
    await page.getByRole("button", { name: "Resume" }).click();
    gate.open();
    await guest.seesAllSaved(13);
    await suitsAPhone(page);
    await owner.revoke(invitation);
    await guest.pick([smallPhoto(14)]);
    await expect(guest.headline).toHaveText("This link has ended.");
    await suitsAPhone(page);
  });

  test("the page says at once that the phone hands the photos over", async ({ owner, guest, page }) => {
    await guest.open(await owner.invite());
    const [chooser] = await Promise.all([
      page.waitForEvent("filechooser"),
      page.getByText("Choose photos", { exact: true }).click(),
    ]);
    await expect(guest.headline).toBeHidden();
    // The picker is gone, and the phone is still at work.
    await page.getByRole("heading", { level: 1 }).tap();
    await expect(guest.headline).toHaveText("Preparing your photos…");
    await isAccessible(page);
    await chooser.setFiles(smallPhotos(3));
    await guest.seesAllSaved(3);
  });

  test("and says it no more when nothing was chosen", async ({ owner, guest, page }) => {
    await guest.open(await owner.invite());
    await Promise.all([
      page.waitForEvent("filechooser"),
      page.getByText("Choose photos", { exact: true }).click(),
    ]);
    await page.getByRole("heading", { level: 1 }).tap();
    await expect(guest.headline).toHaveText("Preparing your photos…");
    await guest.picker.dispatchEvent("cancel");
    await expect(guest.headline).toBeHidden();
    await expect(guest.headline).not.toBeFocused();
  });
});

test("with a mouse there is no button for a camera", async ({ owner, guest, page }) => {
  await guest.open(await owner.invite());
  await expect(page.getByText("Choose photos", { exact: true })).toBeVisible();
  await expect(page.getByText("Take a photo", { exact: true })).toBeHidden();
});
