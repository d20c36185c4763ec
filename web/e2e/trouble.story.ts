import type { Request } from "@playwright/test";
import { AwsV4Signer } from "aws4fetch";
import { isAccessible } from "./support/accessible.ts";
import { PutGate } from "./support/put-gate.ts";
import { sha256Of } from "./support/owner.ts";
import { smallPhotos } from "./support/photos.ts";
import type { HastyServer } from "./support/server.ts";
import { expect, test } from "./support/story.ts";

test("photos are on their way before the rest is prepared", async ({ owner, guest, page }) => {
  const requests: string[] = [];
  page.on("request", (request) => {
    if (request.method() === "PUT") requests.push("PUT");
    if (request.url().endsWith("/api/files/policy/")) requests.push("policy");
  });
  await guest.open(await owner.invite());
  await guest.pick(smallPhotos(60));
  await guest.seesAllSaved(60);
  expect(requests.filter((request) => request === "PUT")).toHaveLength(60);
  expect(requests.indexOf("PUT")).toBeLessThan(requests.lastIndexOf("policy"));
});

test("six photos are sent at once, and no more", async ({ context, owner, guest }) => {
  const gate = await PutGate.before(context);
  gate.close();
  await guest.open(await owner.invite());
  await guest.pick(smallPhotos(20));
  await gate.hasHeld(6);
  // All twenty have their URLs by now, so only the limit keeps the others back.
  await expect.poll(async () => (await owner.images()).length).toBe(20);
  for (let passed = 6; passed < 20; passed += 1) {
    await gate.hasHeld(6);
    gate.letOnePass();
  }
  await gate.hasHeld(6);
  gate.open();
  await guest.seesAllSaved(20);
  expect(gate.mostHeld).toBe(6);
  expect(gate.count).toBe(20);
});

test("a guest pauses, takes one photo back, and goes on", async ({ context, owner, guest, page }) => {
  const gate = await PutGate.before(context);
  gate.close();
  await guest.open(await owner.invite());
  await guest.pick(smallPhotos(20));
  await gate.hasHeld(6);
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(guest.detail).toContainText("Paused. Nothing is sent until you resume.");
  await isAccessible(page);
  const last = page.getByRole("listitem").filter({ hasText: "photo-19.jpg" });
  await last.getByRole("button", { name: "Do not send photo-19.jpg" }).click();
  await expect(last).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Do not send photo-20.jpg" })).toBeFocused();
  await expect(page.locator('[data-state="uploading"]')).toHaveCount(0);
  gate.open();
  expect((await owner.photos()).length).toBe(0);
  await page.getByRole("button", { name: "Resume" }).click();
  await guest.seesAllSaved(19);
  await expect(page.getByRole("button", { name: "Pause" })).toHaveCount(0);
  expect((await owner.photos()).map(({ name }) => name)).not.toContain("photo-19.jpg");
});

test("a photo that storage has no time for, or that the network loses, is sent again until it is saved", async ({
  context,
  owner,
  guest,
}) => {
  const photos = smallPhotos(4);
  const gate = await PutGate.before(context, (route, attempt) => {
    if (attempt === 1) return route.fulfill({ status: 503, body: "<Error><Code>SlowDown</Code></Error>" });
    if (attempt === 2) return route.abort("connectionreset");
    if (attempt === 3) return route.abort("connectionrefused");
    return route.continue();
  });
  await guest.open(await owner.invite());
  await guest.pick(photos);
  await guest.seesAllSaved(4, 60_000);
  expect(gate.count).toBe(16);
  const saved = await owner.photos();
  expect(saved.map(({ sha256 }) => sha256).sort()).toEqual(
    photos.map(({ buffer }) => sha256Of(buffer)).sort(),
  );
});

test("while the storage is full the page says so, and photos are saved as soon as there is room", async ({
  context,
  owner,
  guest,
}) => {
  let full = true;
  await PutGate.before(context, (route) =>
    full
      ? route.fulfill({ status: 507, body: "<Error><Code>InsufficientStorage</Code></Error>" })
      : route.continue(),
  );
  await guest.open(await owner.invite());
  await guest.pick(smallPhotos(3));
  const words = "Not saved yet, trying again: the storage of this event is full";
  await expect(guest.detail).toContainText(words);
  await expect(guest.row("photo-1.jpg")).toContainText(words);
  full = false;
  await guest.seesAllSaved(3, 45_000);
  expect(await owner.photos()).toHaveLength(3);
});

test("a server that is away for a while is asked again until it is back", async ({
  context,
  owner,
  guest,
}) => {
  let away = 3;
  await context.route("**/api/files/*/", async (route) => {
    away -= 1;
    if (away >= 0) await route.abort("connectionrefused");
    else await route.continue();
  });
  await guest.open(await owner.invite());
  await guest.pick(smallPhotos(3));
  await guest.seesAllSaved(3);
  expect(away).toBeLessThan(0);
});

test("an upload URL that has expired is signed again", async ({ context, server, owner, guest }) => {
  const answers: string[] = [];
  context.on("response", async (response) => {
    if (response.request().method() === "PUT") answers.push(`${response.status()} ${await response.text()}`);
  });
  await PutGate.before(context, async (route, attempt) => {
    await route.continue(attempt === 1 ? { url: await expired(route.request(), server) } : {});
  });
  await guest.open(await owner.invite());
  await guest.pick(smallPhotos(1));
  await guest.seesAllSaved(1);
  expect(answers).toHaveLength(2);
  expect(answers[0]).toMatch(/^403 .*<Code>AccessDenied<\/Code>.*expired/s);
  expect(await owner.photos()).toHaveLength(1);
  expect(await owner.images(), "the new URL belongs to the same photo").toHaveLength(1);
});

test("a link that is revoked meanwhile ends the sending, and the page says so", async ({
  context,
  owner,
  guest,
  page,
}) => {
  const invitation = await owner.invite();
  const gate = await PutGate.before(context);
  await guest.open(invitation);
  await guest.pick(smallPhotos(2));
  await guest.seesAllSaved(2);
  gate.close();
  await guest.pick(smallPhotos(40).slice(2));
  await gate.hasHeld(6);
  await owner.revoke(invitation);
  gate.open();
  await expect(guest.headline).toHaveText("This link has ended.");
  await expect(page.getByText("2 of 40 photos are saved.")).toBeVisible();
  await expect(page.getByText("Please ask whoever invited you for a new link.")).toBeVisible();
  await expect(guest.picker).toBeHidden();
  await expect(page.getByRole("button", { name: /Retry/ })).toBeHidden();
  expect(await owner.photos()).toHaveLength(2);
  expect(gate.count, "PUTs").toBeLessThan(40);
});

/** The URL of this PUT as the store's own key would have signed it yesterday, for an hour. */
async function expired(put: Request, server: HastyServer): Promise<string> {
  const { origin, pathname } = new URL(put.url());
  const checksum = put.headers()["x-amz-checksum-sha256"] ?? "";
  const signer = new AwsV4Signer({
    ...(await server.storeKeys()),
    url: `${origin}${pathname}?X-Amz-Expires=3600`,
    method: "PUT",
    headers: { "x-amz-checksum-sha256": checksum },
    allHeaders: true,
    service: "s3",
    region: "us-east-1",
    signQuery: true,
    datetime: new Date(Date.now() - 86_400_000).toISOString().replace(/[:-]|\.\d{3}/g, ""),
  });
  return (await signer.sign()).url.href;
}
