import { readFile } from "node:fs/promises";
import type { Response } from "@playwright/test";
import { isAccessible } from "./support/accessible.ts";
import { GuestPage } from "./support/guest-page.ts";
import { sha256Of } from "./support/owner.ts";
import { smallPhoto, smallPhotos } from "./support/photos.ts";
import { PutGate } from "./support/put-gate.ts";
import { expect, test } from "./support/story.ts";

test("a guest reads that all is verified, and keeps a list of it", async ({ owner, guest, page }) => {
  const photos = smallPhotos(12);
  await guest.open(await owner.invite());
  await guest.pick(photos);
  await expect(guest.headline).toHaveText("All 12 photos are safely stored and verified.");
  await isAccessible(page);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download the list" }).click(),
  ]);
  const list = await readFile(await download.path(), "utf8");
  expect(list.trimEnd().split("\r\n")).toHaveLength(13);
  for (const { name, buffer } of photos) {
    expect(list).toContain(`"${name}",${buffer.length},${sha256Of(buffer)},ready,`);
  }
});

test("who opens the link again reads what is stored, and keeps the list of all of it", async ({
  owner,
  guest,
  page,
}) => {
  const photos = smallPhotos(4);
  const invitation = await owner.invite();
  await guest.open(invitation);
  await expect(guest.headline).toBeHidden();
  await guest.pick(photos.slice(0, 3));
  await guest.seesAllChecked(3);
  await page.reload();
  await expect(guest.headline).toHaveText("Photos stored here: 3. Verified: 3.");
  await isAccessible(page);
  const list = page.getByRole("link", { name: "Download the list" });
  const [download] = await Promise.all([page.waitForEvent("download"), list.click()]);
  expect(await readFile(await download.path(), "utf8")).toContain("photo-2.jpg");

  await guest.pick([photos[3] ?? smallPhoto(4)]);
  await guest.seesAllChecked(1);
  await page.getByRole("button", { name: "Take back photo-4.jpg" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Take back" }).click();
  await expect(guest.headline).toHaveText("Photos stored here: 3. Verified: 3.");
});

test("what the server finds out comes to the page by itself", async ({ owner, guest, page }) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await guest.open(await owner.invite());
  await guest.pick(smallPhotos(30));
  await guest.seesAllChecked(30);
  expect(asked).toContain("/api/events/");
  expect(asked.filter((path) => path.startsWith("/api/images/")).length).toBeLessThan(10);
});

test("a photo can be taken back after it has arrived", async ({ owner, guest, page }) => {
  await guest.open(await owner.invite());
  await guest.pick(smallPhotos(3));
  await guest.seesAllChecked(3);
  const dialog = page.getByRole("dialog", { name: "Take back photo-2.jpg? It will be deleted here." });
  await page.getByRole("button", { name: "Take back photo-2.jpg" }).click();
  await isAccessible(page);
  await dialog.getByRole("button", { name: "Keep" }).click();
  await expect(dialog).toBeHidden();
  expect(await owner.photos()).toHaveLength(3);

  await page.getByRole("button", { name: "Take back photo-2.jpg" }).click();
  await dialog.getByRole("button", { name: "Take back" }).click();
  await expect(guest.row("photo-2.jpg")).toHaveCount(0);
  await expect(guest.headline).toHaveText("All 2 photos are safely stored and verified.");
  await expect(page.getByRole("button", { name: "Take back photo-3.jpg" })).toBeFocused();
  expect((await owner.photos()).map(({ name }) => name)).toEqual(["photo-1.jpg", "photo-3.jpg"]);
});

test("another device says what is missing, and sends only that", async ({
  browser,
  owner,
  context,
  guest,
  page,
}) => {
  const photos = smallPhotos(20);
  const invitation = await owner.invite();
  const gate = await PutGate.before(context);
  await guest.open(invitation);
  await guest.pick(photos.slice(0, 8));
  await guest.seesAllSaved(8);
  gate.close();
  const remembered = page.waitForResponse(isRemembered);
  await guest.pick(photos.slice(8));
  await remembered;
  await page.close({ runBeforeUnload: false });

  const other = await browser.newContext();
  const phone = new GuestPage(await other.newPage());
  const puts: string[] = [];
  other.on("request", (request) => request.method() === "PUT" && puts.push(request.url()));
  await phone.open(invitation);
  await expect(phone.page.getByText("Arrived so far: 8 of 20 photos.")).toBeVisible();
  await isAccessible(phone.page);
  await phone.pick(photos);
  await phone.seesAllSaved(20);
  expect(puts).toHaveLength(12);
  await expect(phone.page.getByText("Arrived so far")).toBeHidden();
  await phone.open(invitation);
  await expect(phone.page.getByText("Arrived so far")).toBeHidden();
  expect(await owner.photos()).toHaveLength(20);
  await other.close();
});

test("what is no longer needed is not asked for again", async ({ owner, guest, page, context }) => {
  const invitation = await owner.invite();
  const gate = await PutGate.before(context);
  await guest.open(invitation);
  await guest.pick([smallPhoto(1)]);
  await guest.seesAllSaved(1);
  gate.close();
  const remembered = page.waitForResponse(isRemembered);
  await guest.pick(smallPhotos(9).slice(1));
  await remembered;
  await page.close({ runBeforeUnload: false });

  const later = new GuestPage(await context.newPage());
  await later.open(invitation);
  await expect(later.page.getByText("Arrived so far: 1 of 9 photos.")).toBeVisible();
  const forgotten = later.page.waitForResponse((response) => response.request().method() === "DELETE");
  await later.page.getByRole("button", { name: "The others are not needed" }).click();
  await forgotten;
  await expect(later.page.getByText("Arrived so far")).toBeHidden();
  await later.page.reload();
  await expect(later.picker).toBeVisible();
  await expect(later.page.getByText("Arrived so far")).toBeHidden();
});

function isRemembered(response: Response): boolean {
  return response.request().method() === "POST" && response.url().endsWith("/api/picks/");
}
