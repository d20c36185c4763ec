import { GuestPage } from "./support/guest-page.ts";
import { sha256Of } from "./support/owner.ts";
import { sample, smallPhoto, smallPhotos } from "./support/photos.ts";
import { expect, test } from "./support/story.ts";

const WEDDING = {
  email: "guest@example.com",
  title: "Anna & Ben",
  message: "Send us\nall you have!",
  days: "3",
};

test("the owner invites by link, a guest sends photos, the owner sees them and ends the link", async ({
  browser,
  context,
  owner,
  ownerPage,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const { page } = ownerPage;
  await ownerPage.signIn(owner.signInLink);
  await ownerPage.invite(WEDDING);
  await expect(ownerPage.heading("Anna & Ben")).toBeVisible();
  await expect(page.getByText("Ends in 3 days.")).toBeVisible();
  await page.getByRole("button", { name: "Copy link" }).click();
  await expect(page.getByText("Copied")).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link).toBe(await ownerPage.link.inputValue());

  const guest = new GuestPage(await (await browser.newContext()).newPage());
  await guest.open({ upload_link: link });
  await expect(guest.page.getByRole("heading", { name: "Anna & Ben" })).toBeVisible();
  await expect(guest.page.getByText("Send us all you have!")).toBeVisible();
  await guest.pick(["photo.jpg", "turned-6.jpg", "photo.heic"].map((name) => sample(name).path));
  await guest.seesAllSaved(3);
  await guest.page.context().close();
  await owner.checkedPhotos();

  await page.getByRole("button", { name: "Refresh" }).click();
  await ownerPage.seesPhoto("photo.jpg");
  await ownerPage.seesPhoto("turned-6.jpg");
  await expect(ownerPage.photo("photo.jpg")).toContainText("Example Camera 1 · May 17, 2026, 10:20 AM");
  await expect(ownerPage.photo("photo.heic").getByRole("button")).toContainText("HEIC");
  await expect(page.getByText("3 photos, ")).toBeVisible();

  await ownerPage.revoke();
  await expect(page.getByText("Revoked", { exact: true })).toBeVisible();
  await expect(ownerPage.link).toBeHidden();
  expect((await fetch(link)).status).toBe(403);
  await ownerPage.seesPhoto("photo.jpg");
});

test("the QR code can be seen, in the dark too", async ({ owner, ownerPage, page }) => {
  await owner.invite({ title: "Reunion" });
  await page.emulateMedia({ colorScheme: "dark" });
  await ownerPage.signIn(owner.signInLink);
  await page.getByRole("link", { name: "Reunion" }).click();
  await ownerPage.seesQrCode();
  await expect(ownerPage.qrCode).toHaveCSS("background-color", "rgb(255, 255, 255)");
});

test("the key leaves the address bar, and the session outlives the page", async ({
  owner,
  ownerPage,
  page,
  server,
}) => {
  await ownerPage.signIn(owner.signInLink);
  expect(page.url()).toBe(`${server.url}/admin/`);
  await page.reload();
  await expect(ownerPage.heading("Invitations")).toBeVisible();
  const stored = await page.evaluate(() =>
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
  );
  expect(stored, "what scripts can read").toBe('[{},{},""]');
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(ownerPage.heading("Sign in")).toBeVisible();
  await page.reload();
  await expect(ownerPage.heading("Sign in")).toBeVisible();
});

test("without the link the owner signs in with the key, and a wrong key is told", async ({
  ownerPage,
  page,
  server,
}) => {
  await page.goto(server.url);
  await page.getByLabel("Owner's key").fill("not-the-owners-key");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toContainText("This key is not the owner's.");
  await page.getByLabel("Owner's key").fill(`  ${server.ownerKey}\n`);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(ownerPage.heading("Invitations")).toBeVisible();
});

test("a session that is over leads back to the sign-in, with a word why", async ({
  context,
  owner,
  ownerPage,
  page,
}) => {
  await ownerPage.signIn(owner.signInLink);
  await context.clearCookies();
  await page.getByRole("link", { name: "All photos" }).click();
  await expect(ownerPage.heading("Sign in")).toBeVisible();
  await expect(page.getByRole("alert")).toContainText("Your session is over.");
});

test("what is wrong with an invitation is told, and what was written stays", async ({
  owner,
  ownerPage,
  page,
}) => {
  await ownerPage.signIn(owner.signInLink);
  // The browser takes this for an e-mail address; the server does not.
  await ownerPage.invite({ ...WEDDING, email: "guest@example" });
  await expect(page.getByRole("alert").filter({ hasText: "email" })).toBeVisible();
  await expect(page.getByLabel("Title")).toHaveValue(WEDDING.title);
  await page.getByLabel("E-mail").fill(WEDDING.email);
  await page.getByRole("button", { name: "Make invitation" }).click();
  await expect(ownerPage.link).toBeVisible();
});

test("a server that is away is told, and asked again", async ({ context, owner, ownerPage, page }) => {
  await ownerPage.signIn(owner.signInLink);
  await context.route("**/api/images/**", (route) => route.abort("connectionrefused"));
  await page.getByRole("link", { name: "All photos" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "The server cannot be reached." })).toBeVisible();
  await context.unroute("**/api/images/**");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByText("No photos yet.")).toBeVisible();
});

test("many photos of several guests come page by page; one guest's stay apart", async ({
  owner,
  ownerPage,
  page,
  guest,
}) => {
  const [many, one] = [await owner.invite({ title: "Many" }), await owner.invite({ title: "One" })];
  await guest.open(many);
  await guest.pick(smallPhotos(64));
  await guest.seesAllSaved(64);
  await guest.open(one);
  await guest.pick([smallPhoto(100, "single.jpg")]);
  await guest.seesAllSaved(1);

  await ownerPage.signIn(owner.signInLink);
  const photos = page.getByRole("list", { name: "photos" }).getByRole("listitem");
  await page.getByRole("link", { name: "All photos" }).click();
  await expect(photos).toHaveCount(60);
  await page.getByRole("button", { name: "Show more" }).click();
  await expect(photos).toHaveCount(65);
  await expect(page.getByRole("button", { name: "Show more" })).toBeHidden();
  await expect(page.getByRole("status").filter({ hasText: "65 photos shown" })).toBeFocused();
  await page.getByRole("link", { name: "Invitations" }).click();
  await page.getByRole("link", { name: /^One/ }).click();
  await expect(photos).toHaveCount(1);
  await page.goBack();
  await page.getByRole("link", { name: /^Many/ }).click();
  await expect(photos).toHaveCount(60);
});

test("the original opens in a tab of its own, as it was sent", async ({
  context,
  owner,
  ownerPage,
  guest,
  page,
}) => {
  await guest.open(await owner.invite());
  await guest.pick(sample("photo.jpg").path);
  await guest.seesAllSaved(1);
  await ownerPage.signIn(owner.signInLink);
  await page.getByRole("link", { name: "All photos" }).click();
  const dialog = await ownerPage.openPhoto("photo.jpg");
  const [original] = await Promise.all([
    context.waitForEvent("page"),
    dialog.getByRole("link", { name: "Open the original" }).click(),
  ]);
  await original.waitForLoadState();
  const answer = await fetch(original.url());
  expect(sha256Of(Buffer.from(await answer.arrayBuffer()))).toBe(sample("photo.jpg").sha256);
  expect(await original.evaluate(() => window.opener === null)).toBe(true);
});
