import { readFile } from "node:fs/promises";
import { GuestPage } from "./support/guest-page.ts";
import { pngThatClaims } from "./support/made-png.ts";
import { sample, smallPhoto, withoutPlace } from "./support/photos.ts";
import { PutGate } from "./support/put-gate.ts";
import { expect, test } from "./support/story.ts";

const HUGE = { name: "huge.png", mimeType: "image/png", buffer: pngThatClaims(50_000, 50_000) };
const TOO_MANY_PIXELS = "This picture has more than 500 million pixels.";

test("a photo that was sent before is here already, and no byte of it is sent again", async ({
  context,
  owner,
  guest,
  page,
}) => {
  const invitation = await owner.invite();
  const gate = await PutGate.before(context);
  await guest.open(invitation);
  await guest.pick([smallPhoto(1)]);
  await guest.seesAllSaved(1);
  await guest.open(invitation);
  await guest.pick([smallPhoto(1, "the-same.jpg"), smallPhoto(2)]);
  await guest.seesAllSaved(2);
  await expect(guest.row("the-same.jpg")).toContainText("Already here");
  await expect(page.getByText("1 photo was already here and not sent again.")).toBeVisible();
  await guest.seesAllChecked(1);
  expect(gate.count, "PUTs").toBe(2);
  expect(await owner.images()).toHaveLength(2);
});

test("a photo that another guest has sent is sent by this one too: nobody learns what others have", async ({
  context,
  owner,
  guest,
}) => {
  const gate = await PutGate.before(context);
  for (const invitation of [await owner.invite(), await owner.invite()]) {
    await guest.open(invitation);
    await guest.pick([smallPhoto(1)]);
    await guest.seesAllSaved(1);
    await guest.seesAllChecked(1);
  }
  expect(gate.count, "PUTs").toBe(2);
});

test("a file that the server does not accept is no saved photo, and the reason is told", async ({
  owner,
  guest,
  page,
  ownerPage,
}) => {
  await guest.open(await owner.invite());
  await guest.pick([smallPhoto(1), HUGE]);
  await expect(guest.headline).toHaveText("1 of 2 photos is saved.");
  await expect(guest.row("huge.png")).toContainText("Not accepted: the picture has too many pixels");
  await expect(page.getByRole("heading", { name: "Not saved: 1 file" })).toBeFocused();
  await expect(page.getByRole("button", { name: /Retry/ })).toBeHidden();
  await expect(page.getByText("1 file was not accepted.")).toBeVisible();
  await guest.seesAllChecked(1);
  expect((await owner.photos()).map(({ name }) => name)).toEqual(["photo-1.jpg"]);

  await ownerPage.signIn(owner.signInLink);
  await page.getByRole("link", { name: "All photos" }).click();
  await expect(ownerPage.photo("huge.png")).toContainText(`Rejected: ${TOO_MANY_PIXELS}`);
});

test("where no news comes through, the server is asked about each photo until it is checked", async ({
  owner,
  guest,
  page,
}) => {
  const asked: string[] = [];
  await page.context().route("**/api/events/", (route) => route.abort());
  page.on("request", (request) => {
    if (request.url().includes("/api/images/")) asked.push(request.url());
  });
  await guest.open(await owner.invite());
  await guest.pick([1, 2, 3].map((number) => smallPhoto(number)));
  await guest.seesAllChecked(3);
  await guest.seesAllSaved(3);
  await expect(page.getByText("still being checked")).toBeHidden();
  expect(new Set(asked).size).toBe(3);
});

test("the owner sees previews, what looks the same, and what is wrong with a file", async ({
  owner,
  ownerPage,
  guest,
  page,
}) => {
  await guest.open(await owner.invite());
  await guest.pick([smallPhoto(1, "first.jpg")]);
  await guest.seesAllChecked(1);
  await guest.pick([smallPhoto(2, "twin.jpg")]);
  await guest.seesAllChecked(2);
  await guest.pick(sample("cut-off.jpg").path);
  await expect(guest.row("cut-off.jpg")).toContainText("Saved and checked. The file seems to be");
  await guest.seesAllSaved(3);
  await owner.checkedPhotos();

  await ownerPage.signIn(owner.signInLink);
  await page.getByRole("link", { name: "All photos" }).click();
  for (const name of ["first.jpg", "twin.jpg"]) await ownerPage.seesPhoto(name);
  await expect(ownerPage.photo("first.jpg")).not.toContainText("Looks like another");
  await expect(ownerPage.photo("twin.jpg")).toContainText("Looks like another");
  await expect(ownerPage.photo("cut-off.jpg")).toContainText("only what could be decoded");

  const dialog = await ownerPage.openPhoto("twin.jpg");
  await ownerPage.seesPicture(dialog.getByRole("img", { name: "twin.jpg" }));
  await expect(dialog).toContainText("Example Camera 1");
  await dialog.getByRole("button", { name: "first.jpg" }).click();
  const other = page.getByRole("dialog", { name: "first.jpg", exact: true });
  await ownerPage.seesPicture(other.getByRole("img", { name: "first.jpg" }));
  await page.keyboard.press("Escape");
  await expect(other).toBeHidden();
});

test("the owner deletes a photo, once asked", async ({ owner, ownerPage, guest, page }) => {
  await guest.open(await owner.invite({ title: "Wedding" }));
  await guest.pick([smallPhoto(1), smallPhoto(2)]);
  await guest.seesAllChecked(2);
  await ownerPage.signIn(owner.signInLink);
  await page.getByRole("link", { name: "Wedding" }).click();
  const dialog = await ownerPage.openPhoto("photo-1.jpg");
  await dialog.getByRole("button", { name: "Delete…" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  expect(await owner.photos()).toHaveLength(2);
  await dialog.getByRole("button", { name: "Delete…" }).click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(ownerPage.heading("Photos")).toBeFocused();
  await expect(ownerPage.photo("photo-1.jpg")).toBeHidden();
  await expect(page.getByText("1 photo, ")).toBeVisible();
  expect((await owner.photos()).map(({ name }) => name)).toEqual(["photo-2.jpg"]);
});

test("a place is kept, or not, as the owner has chosen", async ({ owner, ownerPage, browser, page }) => {
  await ownerPage.signIn(owner.signInLink);
  await page.getByText("New invitation").click();
  await page.getByLabel("E-mail").fill("guest@example.com");
  const where = page.getByLabel("Where photos were taken");
  await where.selectOption("Keep to about a kilometre");
  await page.getByRole("button", { name: "Make invitation" }).click();
  const guest = new GuestPage(await (await browser.newContext()).newPage());
  await guest.open({ upload_link: await ownerPage.link.inputValue() });
  await guest.pick([smallPhoto(1)]);
  await guest.seesAllChecked(1);
  await guest.page.context().close();

  await page.getByRole("button", { name: "Refresh" }).click();
  const dialog = await ownerPage.openPhoto("photo-1.jpg");
  await expect(dialog).toContainText("33.5° S, 70.75° W");
  await page.keyboard.press("Escape");
  await expect(where).toHaveValue("coarse");
  await where.selectOption("Do not store");
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  await expect.poll(async () => (await owner.photos())[0]?.latitude, "latitude").toBeNull();
  await page.reload();
  await expect(where).toHaveValue("strip");
  await ownerPage.openPhoto("photo-1.jpg");
  await expect(dialog).toContainText("Sent");
  await expect(dialog).not.toContainText("Place");
});

test("the owner saves a photo without its place", async ({ owner, ownerPage, guest, page }) => {
  await guest.open(await owner.invite());
  await guest.pick([smallPhoto(1)]);
  await guest.seesAllChecked(1);
  await ownerPage.signIn(owner.signInLink);
  await page.getByRole("link", { name: "All photos" }).click();
  const dialog = await ownerPage.openPhoto("photo-1.jpg");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    dialog.getByRole("link", { name: "Save without its place" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("photo-1.jpg");
  const copy = await readFile(await download.path());
  // EXIF's 33 degrees and 30 minutes.
  const latitude = Buffer.from([33, 1, 30, 1].flatMap((number) => [0, 0, 0, number]));
  expect(smallPhoto(1).buffer.includes(latitude)).toBe(true);
  expect(copy.includes(latitude)).toBe(false);
  expect(copy.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
});

test("the owner sees what has arrived, of all invitations and of each", async ({
  owner,
  ownerPage,
  guest,
  page,
}) => {
  const [two, one] = [await owner.invite({ title: "Two" }), await owner.invite({ title: "One" })];
  await guest.open(two);
  await guest.pick([sample("photo.jpg").path, sample("photo.png").path]);
  await guest.seesAllChecked(2);
  await guest.open(one);
  await guest.pick(sample("plain.jpg").path);
  await guest.seesAllChecked(1);

  await ownerPage.signIn(owner.signInLink);
  await page.getByRole("link", { name: "Statistics" }).click();
  await expect(ownerPage.heading("Statistics")).toBeVisible();
  await expect(page.getByRole("definition").filter({ hasText: "JPEG" })).toBeVisible();
  await expect(page.getByRole("listitem").filter({ hasText: "Example Camera 1" })).toContainText("2 photos");
  const days = page.getByRole("table", { name: /^Photos per day/ }).getByRole("row");
  await expect(days).toHaveCount(31);
  await expect(days.last().getByRole("cell").first()).toHaveText("3");
  await expect(days.nth(1).getByRole("cell").first()).toHaveText("0");

  await page.getByRole("link", { name: "Invitations" }).click();
  await page.getByRole("link", { name: /^One/ }).click();
  await page.locator("summary", { hasText: "Statistics" }).click();
  await expect(days.last().getByRole("cell").first()).toHaveText("1");
  await expect(page.getByText("No photo names its camera yet.")).toBeVisible();
});

test("a guest learns that the phone took out where a photo was taken, unless nobody wants to know", async ({
  owner,
  guest,
}) => {
  const photos = [withoutPlace(smallPhoto(1)), smallPhoto(2)];
  const note = "Your device left out where 1 photo was taken.";
  await guest.open(await owner.invite());
  await guest.pick(photos);
  await guest.seesAllChecked(2);
  await expect(guest.detail).toContainText(note);
  await guest.open(await owner.invite({ location: "strip" }));
  await guest.pick(photos);
  await guest.seesAllChecked(2);
  await expect(guest.detail).not.toContainText(note);
});
