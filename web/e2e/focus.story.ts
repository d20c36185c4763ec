import type { Route } from "@playwright/test";
import { smallPhoto, smallPhotos } from "./support/photos.ts";
import { PutGate } from "./support/put-gate.ts";
import { expect, test } from "./support/story.ts";

const REFUSED = { status: 413, body: "<Error><Code>EntityTooLarge</Code></Error>" };

test("who gives up one photo after the other stays in the list until it is empty", async ({
  context,
  owner,
  guest,
  page,
}) => {
  const gate = await PutGate.before(context);
  gate.close();
  await guest.open(await owner.invite());
  await guest.pick(smallPhotos(3));
  await gate.hasHeld(3);
  const button = (name: string) => page.getByRole("button", { name: `Do not send ${name}` });
  await button("photo-2.jpg").focus();
  await page.keyboard.press("Enter");
  await expect(button("photo-3.jpg")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(button("photo-1.jpg")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("listitem")).toHaveCount(0);
  await expect(guest.picker).toBeFocused();
  gate.open();
});

test("a photo that is being saved keeps the focus, and is taken back as soon as it is", async ({
  context,
  owner,
  guest,
  page,
}) => {
  const gate = await PutGate.before(context);
  gate.close();
  const completing: Route[] = [];
  await context.route("**/api/files/complete/", (route) => void completing.push(route));
  await guest.open(await owner.invite());
  await guest.pick(smallPhotos(2));
  await gate.hasHeld(2);
  const button = page.getByRole("button", { name: "Do not send photo-1.jpg" });
  await button.focus();
  gate.open();
  await expect(guest.row("photo-1.jpg")).toContainText("Saving");
  await expect(button).toBeFocused();
  await expect.poll(() => completing.length).toBe(1);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Do not send photo-2.jpg" })).toBeFocused();
  await completing[0]?.continue();
  await expect(guest.row("photo-1.jpg")).toHaveCount(0);
  await guest.seesAllSaved(1);
  expect((await owner.photos()).map(({ name }) => name)).toEqual(["photo-2.jpg"]);
});

test("rows that fail take the focus along, and a retry passes it on", async ({
  context,
  owner,
  guest,
  page,
}) => {
  let refuses = true;
  const gate = await PutGate.before(context, (route) =>
    refuses ? route.fulfill(REFUSED) : route.continue(),
  );
  gate.close();
  await guest.open(await owner.invite());
  await guest.pick(smallPhotos(3));
  await gate.hasHeld(3);
  await page.getByRole("button", { name: "Do not send photo-2.jpg" }).focus();
  gate.letOnePass();
  gate.letOnePass();
  const retry = (name: string) => page.getByRole("button", { name: `Retry ${name}` });
  await expect(retry("photo-2.jpg")).toBeFocused();
  refuses = false;
  await retry("photo-1.jpg").focus();
  await page.keyboard.press("Enter");
  await expect(retry("photo-2.jpg")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(guest.headline).toBeFocused();
  gate.open();
  await guest.seesAllSaved(3);
});

test("a photo that was here before cannot be taken back by its row", async ({ owner, guest, page }) => {
  const photo = smallPhoto(1);
  await guest.open(await owner.invite());
  await guest.pick([photo]);
  await guest.seesAllChecked(1);
  await guest.pick([{ ...photo, name: "the-same.jpg" }]);
  await expect(guest.row("the-same.jpg")).toContainText("Already here");
  await expect(guest.row("the-same.jpg").getByRole("button")).toHaveCount(0);
  await page.getByRole("button", { name: "Take back photo-1.jpg" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Take back" }).click();
  await expect(guest.row("photo-1.jpg")).toHaveCount(0);
  expect(await owner.photos()).toHaveLength(1);
});
