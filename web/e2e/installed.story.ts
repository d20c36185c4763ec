import type { Page } from "@playwright/test";
import { sample, smallPhotos } from "./support/photos.ts";
import { expect, test } from "./support/story.ts";

/** What the page needs without a network is kept once its service worker is there. */
async function isKept(page: Page): Promise<void> {
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
}

test("a guest can put the invitation on the home screen", async ({ owner, playwright, launchOptions }) => {
  const invitation = await owner.invite({ title: "Anna & Ben <3" });
  // The context of a test is a private window, out of which nothing can be installed.
  const context = await playwright.chromium.launchPersistentContext("", launchOptions);
  const page = await context.newPage();
  await page.goto(invitation.upload_link);
  await isKept(page);
  const inspector = await context.newCDPSession(page);
  const { errors, data } = await inspector.send("Page.getAppManifest");
  expect(errors).toEqual([]);
  const manifest = JSON.parse(data ?? "") as { name: string; start_url: string };
  expect(manifest.name).toBe("Anna & Ben <3");
  expect(new URL(manifest.start_url, page.url()).href).toBe(invitation.upload_link);
  const { installabilityErrors } = await inspector.send("Page.getInstallabilityErrors");
  expect(installabilityErrors).toEqual([]);
  await context.close();
});

test("the page opens without a network, and sends what was chosen once there is one", async ({
  owner,
  guest,
  page,
  context,
}) => {
  const invitation = await owner.invite();
  await guest.open(invitation);
  await isKept(page);
  await guest.open(invitation);
  await expect(guest.picker).toBeAttached();
  await context.setOffline(true);
  await guest.open(invitation);
  await guest.pick(smallPhotos(3));
  // An emulated outage reaches a new document late: the page may say "offline" or "unsteady".
  await expect(guest.detail).toContainText("Sending goes on by itself");
  await context.setOffline(false);
  await guest.seesAllSaved(3);
  expect(await owner.photos()).toHaveLength(3);
});

test("no photo and no answer about one is kept on the device", async ({ owner, guest, page }) => {
  const invitation = await owner.invite();
  await guest.open(invitation);
  await isKept(page);
  await guest.open(invitation);
  await guest.pick(smallPhotos(3));
  await guest.seesAllSaved(3);
  const kept = await page.evaluate(async () => {
    const names = await caches.keys();
    const caches_ = await Promise.all(names.map((name) => caches.open(name)));
    const requests = (await Promise.all(caches_.map((cache) => cache.keys()))).flat();
    return requests.map(({ url }) => new URL(url).pathname);
  });
  expect(kept.filter((path) => !path.startsWith("/assets/"))).toEqual(["/api/upload/"]);
});

test("a phone that is full opens the page, and sends, all the same", async ({
  context,
  owner,
  guest,
  page,
  server,
}) => {
  const invitation = await owner.invite();
  await guest.open(invitation);
  await isKept(page);
  const inspector = await context.newCDPSession(page);
  await inspector.send("Storage.overrideQuotaForOrigin", { origin: server.url, quotaSize: 1 });
  const refused = await page.evaluate(async () => {
    const cache = await caches.open("pages");
    return cache.put("/", new Response("page".repeat(10_000))).catch((error: DOMException) => error.name);
  });
  expect(refused).toBe("QuotaExceededError");
  await guest.open(invitation);
  await guest.pick(smallPhotos(3));
  await guest.seesAllSaved(3);
});

test("a link that has ended is not kept", async ({ owner, guest, page, context }) => {
  const invitation = await owner.invite();
  await guest.open(invitation);
  await isKept(page);
  await guest.open(invitation);
  await owner.revoke(invitation);
  await guest.open(invitation);
  await expect(page.getByRole("heading", { name: "This link has ended" })).toBeVisible();
  await context.setOffline(true);
  await expect(guest.open(invitation)).rejects.toThrow("net::ERR_");
});

test("photos that another app shares with the installed page are sent", async ({ owner, guest, page }) => {
  const invitation = await owner.invite();
  await guest.open(invitation);
  await isKept(page);
  await guest.open(invitation);
  // As Android does it: a form of the manifest's own, sent by the browser.
  await page.evaluate((action) => {
    const form = document.createElement("form");
    form.innerHTML = `<input type="file" name="photos" multiple>`;
    Object.assign(form, { id: "share", method: "post", enctype: "multipart/form-data", action });
    document.body.append(form);
  }, invitation.upload_link);
  await page.locator("#share input").setInputFiles([sample("photo.jpg").path, sample("photo.png").path]);
  await page.evaluate(() => document.querySelector<HTMLFormElement>("#share")?.submit());
  await guest.seesAllSaved(2);
  expect((await owner.photos()).map(({ name }) => name)).toEqual(["photo.jpg", "photo.png"]);
  await page.reload();
  await expect(guest.headline).toHaveText(/^Photos stored here: 2\./);
});

test("photos that another app shared and that did not come here are to be chosen again", async ({
  owner,
  page,
}) => {
  const { upload_link } = await owner.invite();
  await page.goto(`${upload_link}#shared`);
  await expect(page.getByRole("alert")).toContainText("What you shared did not arrive here completely.");
  expect(new URL(page.url()).hash).toBe("");
});

test("a page whose engine was replaced on the server meanwhile says to reload", async ({
  context,
  owner,
  guest,
}) => {
  await context.route("**/assets/worker-*", (route) => route.fulfill({ status: 404 }));
  await guest.open(await owner.invite());
  await guest.pick(smallPhotos(1));
  await expect(guest.row("photo-1.jpg")).toContainText("this page has been renewed; please reload it");
});

test("a page that was open for a while has its engine, whatever the server has by then", async ({
  network,
  owner,
  guest,
  page,
}) => {
  const { pathname, search } = new URL((await owner.invite()).upload_link);
  const ahead = page.waitForResponse(/\/assets\/worker-.*\?/);
  await guest.open({ upload_link: network.url + pathname + search });
  await (await ahead).finished();
  network.treat = ({ path }) => (path.startsWith("/assets/worker-") ? "dropped" : "passed");
  await guest.pick(smallPhotos(1));
  await guest.seesAllSaved(1);
});
