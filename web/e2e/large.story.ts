import { readFile, writeFile } from "node:fs/promises";
import { through } from "./support/chaos-proxy.ts";
import type { Exchange } from "./support/exchanges.ts";
import { GuestPage } from "./support/guest-page.ts";
import { sha256Of, sha256OfLink } from "./support/owner.ts";
import { smallPhoto } from "./support/photos.ts";
import { expect, test } from "./support/story.ts";

const MIB = 1024 * 1024;
const PARTS = 9;

test.describe.configure({ timeout: 180_000 });
test.use({ settings: { HASTY_INGEST_JOBS: "0" } });

test("a large file goes on where it stopped, after connections that break and a tab that is closed", async ({
  context,
  network,
  owner,
}, info) => {
  const file = info.outputPath("film.jpg");
  await writeFile(file, largePhoto(70 * MIB));
  const invitation = through(network, await owner.invite());
  const chosen = async () => {
    const guest = new GuestPage(await context.newPage());
    await guest.open(invitation);
    await guest.pick(file);
    return guest;
  };

  // One part breaks in the middle, four arrive, and then nothing moves any more.
  let seen = 0;
  network.treat = ({ method }) => {
    if (method !== "PUT") return "passed";
    seen += 1;
    return seen === 2 ? "cut" : seen <= 5 ? "passed" : "hung";
  };
  const closed = await chosen();
  await network.log.until(() => network.log.puts().filter(isStored).length === 4);
  await closed.page.close();
  const stored = checksums(network.log.puts().filter(isStored));
  const before = network.log.puts().length;

  // A part breaks in the new tab, too, and the rest arrives around it.
  network.treat = ({ method }) =>
    method === "PUT" && network.log.puts().length === before ? "cut" : "passed";
  const guest = await chosen();
  await guest.seesAllSaved(1, 120_000);
  const after = network.log.puts().slice(before);
  expect(after.filter(({ fate }) => fate === "cut")).toHaveLength(1);
  expect(checksums(after).filter((checksum) => stored.includes(checksum))).toEqual([]);
  expect(network.log.puts().filter(isStored)).toHaveLength(PARTS);

  const [photo, ...others] = await owner.photos();
  if (photo === undefined) throw new Error("nothing has arrived");
  expect([photo.name, others]).toEqual(["film.jpg", []]);
  expect(await sha256OfLink(photo)).toBe(sha256Of(await readFile(file)));
});

test.describe("with a store of another origin", () => {
  test.use({ ground: { database: "SQLite", store: "external" } });

  test("a large file arrives in parts, and a small one beside it", async ({ owner, guest, page }, info) => {
    const file = info.outputPath("film.jpg");
    await writeFile(file, largePhoto(66 * MIB));
    const parts = new Set<string>();
    page.on("request", (request) => {
      const part = new URL(request.url()).searchParams.get("partNumber");
      if (part !== null) parts.add(part);
    });
    await guest.open(await owner.invite());
    await guest.pick(file);
    await guest.pick([smallPhoto(1)]);
    await guest.seesAllSaved(2, 120_000);
    expect(parts.size).toBe(PARTS);
    const large = (await owner.photos()).find(({ name }) => name === "film.jpg");
    if (large === undefined) throw new Error("it has not arrived");
    expect(await sha256OfLink(large)).toBe(sha256Of(await readFile(file)));
  });
});

/** A photo with something behind it that is nowhere the same. */
function largePhoto(sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  for (let place = 0; place < sizeBytes; place += 1024) bytes.writeUInt32BE(place, place);
  smallPhoto(0).buffer.copy(bytes);
  return bytes;
}

function isStored({ answer }: Exchange): boolean {
  return answer?.status === 200;
}

/** Each part has its own; one that comes twice stands here twice. */
function checksums(puts: Exchange[]): string[] {
  return puts.map(({ checksum }) => checksum ?? "");
}
