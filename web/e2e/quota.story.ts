import { isAccessible } from "./support/accessible.ts";
import { smallPhotos } from "./support/photos.ts";
import { expect, test } from "./support/story.ts";

test("an invitation that takes three photos takes three, and says so before and after", async ({
  owner,
  guest,
  ownerPage,
  page,
}) => {
  const invitation = await owner.invite({ max_files: 3, max_bytes: 50_000_000 });
  await guest.open(invitation);
  await expect(
    page.getByText("This invitation takes up to 3 photos. This invitation takes up to 50 MB"),
  ).toBeVisible();
  await guest.pick(smallPhotos(5));
  await expect(guest.headline).toHaveText("3 of 5 photos are saved.");
  const full = page.getByText(
    /the limit of this invitation is reached.*This invitation takes up to 3 photos\.$/,
  );
  await expect(full).toHaveCount(2);
  await expect(page.getByRole("link", { name: "Download the list" })).toBeVisible();
  await isAccessible(page);
  expect(await owner.photos()).toHaveLength(3);

  await page
    .getByRole("button", { name: /^Take back photo-/ })
    .first()
    .click();
  await page.getByRole("dialog").getByRole("button", { name: "Take back" }).click();
  await expect(guest.headline).toHaveText("2 of 4 photos are saved.");
  await page
    .getByRole("button", { name: /^Retry photo-/ })
    .first()
    .click();
  await expect(guest.headline).toHaveText("3 of 4 photos are saved.");

  await ownerPage.signIn(owner.signInLink);
  await page.getByRole("link", { name: invitation.email }).click();
  await expect(page.getByText("It takes up to 3 photos.")).toBeVisible();
});
