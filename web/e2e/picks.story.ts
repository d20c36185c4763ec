import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { sha256Of, sha256OfLink } from "./support/owner.ts";
import { sample, smallPhoto } from "./support/photos.ts";
import { PutGate } from "./support/put-gate.ts";
import { expect, test } from "./support/story.ts";

/** A folder on the guest's disk: two photos, one in a folder below, and what an operating system leaves behind. */
async function folderOfPhotos(place: string): Promise<string> {
  const folder = join(place, "trip");
  await mkdir(join(folder, "day 1"), { recursive: true });
  await cp(sample("photo.jpg").path, join(folder, "arrival.jpg"));
  await cp(sample("photo.png").path, join(folder, "day 1", "lake.png"));
  await cp(sample("notes.txt").path, join(folder, ".DS_Store"));
  await cp(sample("notes.txt").path, join(folder, "Thumbs.db"));
  return folder;
}

test("a guest drops a folder and a file onto the page", async ({ owner, guest, page }, info) => {
  const folder = await folderOfPhotos(info.outputPath());
  await guest.open(await owner.invite());
  await guest.drop([folder, sample("photo.webp").path]);
  await guest.seesAllSaved(3);
  await expect(page.getByText("Skipped").filter({ visible: true })).toHaveCount(0);
  const saved = await owner.photos();
  expect(saved.map(({ name }) => name)).toEqual(["arrival.jpg", "lake.png", "photo.webp"]);
  expect(await Promise.all(saved.map(sha256OfLink))).toEqual(
    ["photo.jpg", "photo.png", "photo.webp"].map((name) => sample(name).sha256),
  );
});

test("a guest chooses a folder", async ({ owner, guest, page }, info) => {
  await guest.open(await owner.invite());
  await guest.pickFolder(await folderOfPhotos(info.outputPath()));
  await guest.seesAllSaved(2);
  await expect(page.getByText("Skipped").filter({ visible: true })).toHaveCount(0);
  expect((await owner.photos()).map(({ name }) => name)).toEqual(["arrival.jpg", "lake.png"]);
});

test("a guest pastes a picture", async ({ owner, guest, page }) => {
  await guest.open(await owner.invite());
  const pasted = smallPhoto(1, "image.jpg");
  await page.evaluate(
    (bytes) => {
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File([new Uint8Array(bytes)], "image.jpg", { type: "image/jpeg" }));
      document.body.dispatchEvent(
        new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }),
      );
    },
    [...pasted.buffer],
  );
  await guest.seesAllSaved(1);
  const [saved] = await owner.photos();
  expect(saved && (await sha256OfLink(saved))).toBe(sha256Of(pasted.buffer));
});

test("the screen stays on while photos are on their way", async ({ owner, guest, page }) => {
  await page.addInitScript(() => {
    const held = new Set<object>();
    Object.defineProperty(window, "heldLocks", { get: () => held.size });
    Object.defineProperty(navigator, "wakeLock", {
      value: {
        request: () => {
          const lock = { released: false, release: () => Promise.resolve(void held.delete(lock)) };
          held.add(lock);
          return Promise.resolve(lock);
        },
      },
    });
  });
  const heldLocks = () => page.evaluate(() => (window as unknown as { heldLocks: number }).heldLocks);
  const gate = await PutGate.before(page.context());
  gate.close();
  await guest.open(await owner.invite());
  expect(await heldLocks()).toBe(0);
  await guest.pick([smallPhoto(1)]);
  await expect.poll(heldLocks).toBe(1);
  gate.open();
  await guest.seesAllSaved(1);
  await expect.poll(heldLocks).toBe(0);
});

test("a guest chooses more while the first ones are on their way, and after they are saved", async ({
  owner,
  guest,
}) => {
  await guest.open(await owner.invite());
  await guest.pick([smallPhoto(1), smallPhoto(2)]);
  await guest.pick([smallPhoto(3)]);
  await guest.seesAllSaved(3);
  await guest.pick([smallPhoto(4)]);
  await guest.seesAllSaved(4);
  expect(await owner.photos()).toHaveLength(4);
});

test("what is no photo is named and skipped, and the others go on", async ({ owner, guest }) => {
  await guest.open(await owner.invite());
  await guest.pick(
    ["photo.jpg", "notes.txt", "empty.jpg", "text-inside.jpg", "plain.png"].map((name) => sample(name).path),
  );
  await guest.seesAllSaved(2);
  await expect(guest.row("notes.txt")).toContainText("Skipped: not a photo");
  await expect(guest.row("text-inside.jpg")).toContainText("Skipped: not a photo");
  await expect(guest.row("empty.jpg")).toContainText("Skipped: the file is empty");
  expect((await owner.images()).map(({ name }) => name).sort()).toEqual(["photo.jpg", "plain.png"]);
});

test.describe("where photos may have 10 kB at most", () => {
  test.use({ settings: { HASTY_MAX_FILE_BYTES: "10000" } });

  test("a larger one is named and skipped, and the others go on", async ({ owner, guest }) => {
    await guest.open(await owner.invite());
    await guest.pick(["photo.png", "photo.jpg"].map((name) => sample(name).path));
    await guest.seesAllSaved(1);
    await expect(guest.row("photo.png")).toContainText("Skipped: larger than 10 kB");
    expect((await owner.images()).map(({ name }) => name)).toEqual(["photo.jpg"]);
  });
});

test("a guest who chooses nothing but other files learns that no photo was sent", async ({
  owner,
  guest,
}) => {
  await guest.open(await owner.invite());
  await guest.pick(sample("notes.txt").path);
  await expect(guest.headline).toHaveText("No photo was sent.");
  expect(await owner.images()).toEqual([]);
});

test("a photo keeps its true type, whatever its name says", async ({ owner, guest }) => {
  await guest.open(await owner.invite());
  await guest.pick(["png-inside.jpg", "no-extension", "cut-off.jpg"].map((name) => sample(name).path));
  await guest.seesAllSaved(3);
  const saved = await owner.photos();
  expect(saved.map(({ name, file_type }) => [name, file_type])).toEqual([
    ["cut-off.jpg", "image/jpeg"],
    ["no-extension", "image/jpeg"],
    ["png-inside.jpg", "image/png"],
  ]);
  for (const photo of saved) {
    const answer = await fetch(photo.image_link ?? "");
    expect(answer.headers.get("content-type")).toBe(photo.file_type);
    expect(sha256Of(Buffer.from(await answer.arrayBuffer()))).toBe(sample(photo.name).sha256);
  }
});

const NAMES = [
  `"quoted" 'twice' & <b>bold</b>.jpg`,
  `<img src=x onerror=alert(1)>.jpg`,
  "{{invitation}} \${secret} %2e%2e%2f.jpg",
  "\u202egpj.exe\u202c.jpg",
  "写真 фото תמונה 📷👩‍👩‍👧.jpg",
  `${"n".repeat(251)}.jpg`,
];

test("a photo may have any name, and every page shows it as it is", async ({ owner, guest, page }) => {
  await guest.open(await owner.invite({ title: NAMES[1] ?? "", message: NAMES[0] ?? "" }));
  await guest.pick(NAMES.map((name, index) => smallPhoto(index, name)));
  await guest.seesAllSaved(NAMES.length);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(NAMES[1] ?? "");
  for (const name of NAMES)
    await expect(page.locator(".row .name").getByText(name, { exact: true })).toBeVisible();
  expect(new Set((await owner.photos()).map(({ name }) => name))).toEqual(new Set(NAMES));

  await owner.checkedPhotos();
  await page.goto(owner.signInLink);
  await expect(page.getByText(NAMES[1] ?? "", { exact: true })).toBeVisible();
  await page.getByRole("link", { name: "All photos" }).click();
  for (const name of NAMES) await expect(page.getByRole("img", { name, exact: true })).toBeAttached();
});

test("a name that is longer than the server takes loses its end, and not its extension", async ({
  owner,
  guest,
}) => {
  await guest.open(await owner.invite());
  await guest.pick([smallPhoto(1, `${"n".repeat(300)}.jpg`)]);
  await guest.seesAllSaved(1);
  expect((await owner.photos()).map(({ name }) => name)).toEqual([`${"n".repeat(251)}.jpg`]);
});
