import { writeFile } from "node:fs/promises";
import type { BrowserContext } from "@playwright/test";
import type { Invitation } from "../src/shared/api.ts";
import { chance } from "./support/chance.ts";
import { type ChaosProxy, through } from "./support/chaos-proxy.ts";
import { foul, type Seen } from "./support/fates.ts";
import { GuestPage } from "./support/guest-page.ts";
import { type Owner, sha256Of, sha256OfLink } from "./support/owner.ts";
import { type MemoryFile, smallPhoto, smallPhotos } from "./support/photos.ts";
import { expect, test } from "./support/story.ts";

/** More than what all buffers on the way hold, and less. */
const [FILM_BYTES, PHOTO_BYTES] = [16_000_000, 1_500_000];

test.describe.configure({ timeout: 300_000 });
// A phone; and what the server makes of photos that have arrived is no matter of the network.
test.use({ viewport: { width: 390, height: 844 }, settings: { HASTY_INGEST_JOBS: "0" } });

test("on a network that fails in every way three hundred photos arrive, once each and byte by byte", async ({
  network,
  owner,
  guest,
}, info) => {
  const [film, photo, small] = [photoOf(FILM_BYTES), photoOf(PHOTO_BYTES), smallPhotos(298)];
  await writeFile(info.outputPath(film.name), film.buffer);
  await guest.open(through(network, await owner.invite()));
  const storm = foul({ dropped: 0.3, unanswered: 0.04, cut: 0.04, busy: 0.03, halted: 0.01 });
  network.treat = (seen) => (isLarge(seen) && seen.attempt === 1 ? "hung" : storm(seen));
  network.delayMs = 300;
  await guest.pick(info.outputPath(film.name));
  await guest.pick([...small, photo]);
  await guest.seesAllSaved(300, 240_000);
  await haveArrivedOnce(owner, [film, photo, ...small]);
  nothingWasSentInVain(network, 300);
  const fates = network.log.fates();
  expect((fates.dropped ?? 0) / network.log.exchanges.length).toBeGreaterThan(0.25);
  for (const fate of ["cut", "busy", "halted", "hung"] as const) expect(fates[fate], fate).toBeGreaterThan(0);
});

test("while the network is away for a minute the page says so, and goes on by itself once it is back", async ({
  network,
  owner,
  guest,
}) => {
  const photos = smallPhotos(300);
  await guest.open(through(network, await owner.invite()));
  network.delayMs = 50;
  await guest.pick(photos);
  await network.log.until(() => network.log.puts().length > 20);
  const back = network.goAwayFor(60_000);
  await expect(guest.detail).toContainText("The connection is unsteady. Sending goes on by itself.");
  await back;
  expect((await owner.photos()).length).toBeLessThan(300);
  await guest.seesAllSaved(300, 120_000);
  await haveArrivedOnce(owner, photos);
  nothingWasSentInVain(network, 300);
});

test("a tab that is killed ten times costs nothing that had arrived, once the photos are chosen again", async ({
  context,
  network,
  owner,
}) => {
  const photos = smallPhotos(300);
  const invitation = through(network, await owner.invite());
  network.delayMs = 10;
  const begun = () => new Set(network.log.puts().map(({ checksum }) => checksum)).size;
  const moments = Array.from({ length: 10 }, (_, kill) => 285 * chance("kill", kill)).sort((a, b) => a - b);
  for (const [kill, moment] of moments.entries()) {
    const guest = await chosenAgain(context, invitation, photos);
    await network.log.until(() => begun() >= moment);
    // Some moments later, so that it hits every stage of a photo.
    const then = network.log.moment + 10 * chance("kill later", kill);
    await network.log.until(() => network.log.moment >= then);
    await guest.page.close();
  }
  expect((await owner.photos()).length).toBeLessThan(300);
  const guest = await chosenAgain(context, invitation, photos);
  await guest.seesAllSaved(300, 60_000);
  await haveArrivedOnce(owner, photos);
  nothingWasSentInVain(network, 300);
});

for (const [words, hours] of [
  ["an hour fast", 1],
  ["an hour slow", -1],
] as const) {
  test(`a phone whose clock is ${words} sends photos`, async ({ context, owner, guest, page }) => {
    await shiftClock(context, hours * 3_600_000);
    const photos = smallPhotos(300);
    await guest.open(await owner.invite());
    await guest.pick(photos);
    await guest.seesAllSaved(300, 120_000);
    await haveArrivedOnce(owner, photos);
    const clocks = [page.evaluate(() => Date.now()), page.workers()[0]?.evaluate(() => Date.now())];
    for (const clock of await Promise.all(clocks)) {
      expect(Math.round(((clock ?? 0) - Date.now()) / 60_000), "minutes fast").toBe(hours * 60);
    }
  });
}

/** A photo of so many more bytes. */
function photoOf(bytes: number): MemoryFile {
  const { buffer, ...file } = smallPhoto(bytes);
  const end = Buffer.alloc(bytes, "no photo has this at its end ");
  return { ...file, buffer: Buffer.concat([buffer, end]) };
}

function isLarge({ method, sizeBytes }: Seen): boolean {
  return method === "PUT" && sizeBytes > 1_000_000;
}

async function chosenAgain(
  context: BrowserContext,
  invitation: Invitation,
  photos: MemoryFile[],
): Promise<GuestPage> {
  const guest = new GuestPage(await context.newPage());
  await guest.open(invitation);
  await guest.pick(photos);
  return guest;
}

async function haveArrivedOnce(owner: Owner, photos: MemoryFile[]): Promise<void> {
  const arrived = [];
  for (const photo of await owner.photos()) arrived.push(`${photo.name} ${await sha256OfLink(photo)}`);
  const sent = photos.map(({ name, buffer }) => `${name} ${sha256Of(buffer)}`);
  expect(arrived.sort()).toEqual(sent.sort());
}

/** No byte of a photo goes once more after the server has said that it is complete. */
function nothingWasSentInVain({ log }: ChaosProxy, count: number): void {
  const completeAt = log.completeAt();
  expect(completeAt.size).toBe(count);
  const inVain = log.puts().filter(({ checksum = "", begunAt }) => begunAt > (completeAt.get(checksum) ?? 0));
  expect(inVain).toEqual([]);
}

/** Of the pages and of their workers, which no init script reaches. */
async function shiftClock(context: BrowserContext, shiftMs: number): Promise<void> {
  const script = `{
    const True = Date;
    const now = () => True.now() + ${shiftMs};
    globalThis.Date = class extends True {
      constructor(...parts) { super(...(parts.length === 0 ? [now()] : parts)); }
      static now() { return now(); }
    };
  }`;
  await context.addInitScript(script);
  await context.route("**/worker*.js?*", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${script}\n${await response.text()}` });
  });
}
