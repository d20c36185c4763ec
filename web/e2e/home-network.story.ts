import { GuestPage } from "./support/guest-page.ts";
import { OwnerPage } from "./support/owner-page.ts";
import { sample } from "./support/photos.ts";
import { expect, test } from "./support/story.ts";

test.use({ settings: { HASTY_PUBLIC_URL: "http://photos.example" } });

test("plain http in a home network is enough to invite and to send photos", async ({
  playwright,
  launchOptions,
  server,
  owner,
}) => {
  const resolver = `--host-resolver-rules=MAP photos.example:80 ${new URL(server.url).host}`;
  const args = [...(launchOptions.args ?? []), resolver];
  const browser = await playwright.chromium.launch({ ...launchOptions, args });
  const page = await browser.newPage();
  const ownerPage = new OwnerPage(page);
  await ownerPage.signIn(`http://photos.example/admin/#key=${server.ownerKey}`);
  // Here a browser has neither crypto.subtle nor a clipboard for scripts.
  expect(await page.evaluate(() => isSecureContext)).toBe(false);
  await ownerPage.invite({ email: "guest@example.com", title: "", message: "", days: "7" });
  await page.getByRole("button", { name: "Copy link" }).click();
  await expect(page.getByText("Copied")).toBeVisible();
  const link = await ownerPage.link.inputValue();
  expect(link).toMatch(/^http:\/\/photos\.example\/api\/upload\//);

  const guest = new GuestPage(await browser.newPage());
  await guest.open({ upload_link: link });
  await guest.pick(sample("photo.jpg").path);
  await guest.seesAllSaved(1);
  expect(await owner.checkedPhotos()).toMatchObject([
    { name: "photo.jpg", sha256: sample("photo.jpg").sha256 },
  ]);
  await page.getByRole("button", { name: "Refresh" }).click();
  await ownerPage.seesPhoto("photo.jpg");
  await browser.close();
});
