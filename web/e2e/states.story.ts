import { devices } from "@playwright/test";
import { suitsAPhone } from "./support/accessible.ts";
import { sample, smallPhotos } from "./support/photos.ts";
import { PutGate } from "./support/put-gate.ts";
import { expect, test } from "./support/story.ts";

const { viewport, userAgent, deviceScaleFactor, isMobile, hasTouch } = devices["Pixel 7"];

test.describe("on a phone, what a guest seldom sees suits it too:", () => {
  test.use({ viewport, userAgent, deviceScaleFactor, isMobile, hasTouch });

  test("photos that are not saved, the question before one is taken back, and that it was not", async ({
    context,
    owner,
    guest,
    page,
  }) => {
    await context.route("**/api/images/*/", (route) =>
      route.request().method() === "DELETE" ? route.fulfill({ status: 409, json: {} }) : route.continue(),
    );
    await guest.open(await owner.invite({ max_files: 2 }));
    await guest.pick(smallPhotos(4));
    await expect(guest.headline).toHaveText("2 of 4 photos are saved.");
    await expect(page.getByRole("button", { name: "Retry all" })).toBeVisible();
    await suitsAPhone(page);
    const takeBack = page.getByRole("button", { name: /^Take back photo-/ });
    await takeBack.first().tap();
    await expect(page.getByRole("dialog")).toBeVisible();
    await suitsAPhone(page);
    await page.getByRole("dialog").getByRole("button", { name: "Take back" }).tap();
    await expect(page.getByText("It could not be taken back; please try again.")).toBeVisible();
    await suitsAPhone(page);
  });

  test("what is here, and what is missing", async ({ owner, guest, page, request }) => {
    const invitation = await owner.invite();
    await guest.open(invitation);
    await guest.pick(smallPhotos(2));
    await guest.seesAllChecked(2);
    const files = smallPhotos(12).map(({ name, buffer }) => ({ name, size: buffer.length, nth: 0 }));
    const headers = { authorization: `Bearer ${invitation.token}` };
    await request.post(new URL("/api/picks/", page.url()).href, { headers, data: { files } });
    await page.reload();
    await expect(guest.headline).toHaveText("Photos stored here: 2. Verified: 2.");
    await expect(page.getByText("Arrived so far: 2 of 12 photos.")).toBeVisible();
    await suitsAPhone(page);
  });

  test("a network that fails, and none at all", async ({ context, owner, guest, page }) => {
    await PutGate.before(context, (route) => route.abort("connectionrefused"));
    await guest.open(await owner.invite());
    await guest.pick(smallPhotos(3));
    await expect(guest.detail).toContainText("The connection is unsteady.");
    await expect(page.getByText("Interrupted, trying again").first()).toBeVisible();
    await suitsAPhone(page);
    await page.evaluate(() => {
      Object.defineProperty(navigator, "onLine", { value: false });
      dispatchEvent(new Event("offline"));
    });
    await expect(guest.detail).toContainText("You are offline.");
    await suitsAPhone(page);
  });

  test("that what another app shared did not come", async ({ owner, page }) => {
    const { upload_link } = await owner.invite();
    await page.goto(`${upload_link}#shared`);
    await expect(page.getByRole("alert")).toBeVisible();
    await suitsAPhone(page);
  });
});

test("with a mouse, what is held above the page and what is being read suit it too", async ({
  owner,
  guest,
  page,
}, info) => {
  // A folder that never tells what lies in it.
  await page.addInitScript(() => {
    const silent = { isDirectory: true, createReader: () => ({ readEntries: () => undefined }) };
    DataTransferItem.prototype.webkitGetAsEntry = () => silent as unknown as FileSystemEntry;
  });
  await guest.open(await owner.invite());
  await guest.dragOver([sample("photo.jpg").path]);
  await expect(page.getByText("Drop your photos here")).toBeVisible();
  await suitsAPhone(page);
  await guest.drop([info.project.testDir]);
  await expect(guest.headline).toHaveText("Reading what you chose…");
  await suitsAPhone(page);
});
