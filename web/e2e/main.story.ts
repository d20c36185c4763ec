import { readFileSync } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { environment } from "./support/environment.ts";
import { sha256Of, sha256OfLink } from "./support/owner.ts";
import { realPhotos, sample, samples, smallPhotos } from "./support/photos.ts";
import { expect, type Ground, test } from "./support/story.ts";

const grounds: Ground[] = [
  { database: "SQLite", store: "embedded" },
  { database: "SQLite", store: "external" },
];
if (environment.databaseUrl !== undefined) {
  grounds.push({ database: "PostgreSQL", store: "embedded" }, { database: "PostgreSQL", store: "external" });
}

for (const ground of grounds) {
  test.describe(`on ${ground.database} and the ${ground.store} store`, () => {
    test.use({ ground });

    test("a guest sends photos, and the owner has them byte by byte", async ({ owner, guest, ownerPage }) => {
      const invitation = await owner.invite();
      const photos = samples.filter(({ file_type }) => file_type !== null);
      await guest.open(invitation);
      await guest.pick(photos.map(({ path }) => path));
      await guest.seesAllSaved(photos.length);

      const saved = await owner.checkedPhotos();
      expect(saved.map(({ name }) => name)).toEqual(photos.map(({ name }) => name).sort());
      for (const photo of saved) {
        const { name, sha256, file_type, expected } = photos.find((one) => one.name === photo.name) ?? {};
        expect.soft(photo, `what the API says of ${name}`).toMatchObject({ sha256, file_type, ...expected });
        expect.soft(await sha256OfLink(photo), `the bytes behind the link of ${name}`).toBe(sha256);
      }
      await ownerPage.signIn(owner.signInLink);
      await ownerPage.page.getByRole("link", { name: "All photos" }).click();
      await ownerPage.seesPhoto("photo.jpg");
    });
  });
}

test("a photo that is too large to be hashed at once arrives byte by byte", async ({
  owner,
  guest,
}, info) => {
  const path = info.outputPath("large.jpg");
  const padding = Buffer.alloc(40_000_000, "no photo has this at its end ");
  await writeFile(path, Buffer.concat([await readFile(sample("photo.jpg").path), padding]));
  const sha256 = sha256Of(await readFile(path));
  await guest.open(await owner.invite());
  await guest.pick(path);
  await guest.seesAllSaved(1);
  const [photo] = await owner.photos();
  expect(photo).toMatchObject({ size: (await stat(path)).size, sha256, model: "Example Camera 1" });
  expect(photo && (await sha256OfLink(photo))).toBe(sha256);
});

test("a guest sends two hundred photos at once", async ({ owner, guest }) => {
  const photos = smallPhotos(200);
  await guest.open(await owner.invite());
  await guest.pick(photos);
  await guest.seesAllSaved(200);
  const saved = await owner.photos();
  expect(new Set(saved.map(({ sha256 }) => sha256))).toEqual(
    new Set(photos.map(({ buffer }) => sha256Of(buffer))),
  );
  await guest.seesAllChecked(200);
});

if (environment.photos !== undefined) {
  const paths = realPhotos(environment.photos);

  test("a guest sends every real photo, and each comes back byte by byte", async ({ owner, guest }) => {
    test.setTimeout(120_000);
    await guest.open(await owner.invite());
    await guest.pick(paths);
    await guest.seesAllSaved(paths.length, 90_000);
    const picked = paths.map((path) => `${sha256Of(readFileSync(path))} ${basename(path)}`);
    const saved = [];
    for (const photo of await owner.photos()) saved.push(`${await sha256OfLink(photo)} ${photo.name}`);
    expect(saved.sort()).toEqual(picked.sort());
  });
}
