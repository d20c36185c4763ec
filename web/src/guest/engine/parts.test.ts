import { beforeEach, describe, expect, test } from "vitest";
import { UploadError } from "./failure.ts";
import { Guest, putBreaks, putRefused, type SeenPut, putWorks } from "./testing/guest.ts";

const never = new Promise<never>(() => {});
const film = (name: string, parts: number) => new File(["x".repeat(10 * (parts - 1) + 3)], name);
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

let guest: Guest;
beforeEach(() => {
  guest = new Guest();
  guest.partSize = 10;
});

/** The parts that came by, in order, repeated ones included. */
function partsSent(imageId = 1): number[] {
  return guest.puts.filter((put) => put.imageId === imageId).map(({ part }) => part ?? 0);
}

const slowly = () =>
  new Promise<typeof putWorks>((resolve) => guest.clock.after(1000, () => resolve(putWorks)));

describe("a large file", () => {
  test("goes in parts, each once, several at once, and is completed once", async () => {
    guest.put = slowly;
    guest.pickFiles([film("film.mov", 20)]);
    expect(await guest.finish()).toEqual(["saved"]);
    expect(partsSent()).toEqual(numbers(20));
    expect(guest.mostPutsAtOnce).toBe(6);
    expect(guest.completed).toEqual([{ file: 1, fileSize: 193, fileType: "image/jpeg" }]);
  });

  test("is read a part at a time, and signed a few parts ahead of the network", async () => {
    guest.put = () => never;
    guest.pickFiles([film("film.mov", 100)]);
    await guest.clock.advance(60_000);
    expect(guest.mostHashesAtOnce).toBe(1);
    expect(guest.puts).toHaveLength(6);
    expect(guest.signedParts.flat()).toEqual(numbers(8));
    expect(guest.signedParts.length).toBeLessThan(5);
  });

  test("signs what each part holds", async () => {
    guest.pickFiles([new File(["aaaaaaaaaabbbbbbbbbbcc"], "film.mov")]);
    expect(await guest.finish()).toEqual(["saved"]);
    // The test's own hash of a text is the text.
    expect(guest.puts.map(({ sha256 }) => sha256)).toEqual(["aaaaaaaaaa", "bbbbbbbbbb", "cc"]);
  });

  test("holds up no photo, and is held up by none for ever", async () => {
    guest.put = slowly;
    guest.pickFiles([film("film.mov", 40)]);
    await guest.clock.advance(1500);
    guest.pick(...Array.from({ length: 60 }, (_, index) => `${index}.jpg`));
    await guest.clock.until(() => guest.states().filter((state) => state === "saved").length >= 30);
    const since = guest.puts.slice(12);
    const parts = since.filter(({ part }) => part !== undefined).length;
    expect(parts).toBeGreaterThan(since.length / 6);
    expect(parts).toBeLessThan(since.length / 2);
    expect(new Set(await guest.finish())).toEqual(new Set(["saved"]));
  });

  test("shows how far its parts have come together", async () => {
    let release = () => {};
    guest.put = ({ part }) =>
      part === 2 ? new Promise((resolve) => (release = () => resolve(putWorks))) : Promise.resolve(putWorks);
    guest.pickFiles([film("film.mov", 3)]);
    await guest.clock.advance(1000);
    expect(guest.reports.get(1)).toEqual({ id: 1, state: "uploading", sentBytes: 13 });
    release();
    expect(await guest.finish()).toEqual(["saved"]);
  });
});

describe("a part that fails", () => {
  const once = (answer: typeof putBreaks) => {
    const seen = new Set<number | undefined>();
    return ({ part }: SeenPut) => {
      const isFirst = part === 2 && !seen.has(part);
      seen.add(part);
      return Promise.resolve(isFirst ? answer : putWorks);
    };
  };

  test.each([
    ["breaks", putBreaks],
    ["meets an overload", putRefused("SlowDown", 503)],
    ["has a link that is too old", putRefused("AccessDenied", 403)],
  ])("and %s goes again alone", async (_, answer) => {
    guest.put = once(answer);
    guest.pickFiles([film("film.mov", 4)]);
    expect(await guest.finish()).toEqual(["saved"]);
    expect(partsSent().sort()).toEqual([1, 2, 2, 3, 4]);
    expect(guest.signed).toHaveLength(1);
  });

  test("gets a new link once it may be the link", async () => {
    guest.put = once(putRefused("AccessDenied", 403));
    guest.pickFiles([film("film.mov", 4)]);
    await guest.finish();
    expect(guest.signedParts.flat().sort()).toEqual([1, 2, 2, 3, 4]);
  });

  test("because storage has dropped the upload lets the file ask what is left", async () => {
    let dropped = false;
    guest.put = ({ part }) => {
      if (part !== 3 || dropped) return Promise.resolve(putWorks);
      dropped = true;
      guest.stored.clear();
      return Promise.resolve(putRefused("NoSuchUpload", 404));
    };
    guest.pickFiles([film("film.mov", 4)]);
    expect(await guest.finish()).toEqual(["saved"]);
    expect(guest.signed.map(({ file_id }) => file_id)).toEqual([undefined, 1]);
    expect([...guest.stored].sort()).toEqual(["1/1", "1/2", "1/3", "1/4"]);
  });

  test("because the file has changed lets it be read again, as a new image", async () => {
    guest.put = once(putRefused("BadDigest", 400));
    guest.pickFiles([film("film.mov", 4)]);
    expect(await guest.finish()).toEqual(["saved"]);
    expect(guest.prepared).toHaveLength(2);
    expect(guest.completed.map(({ file }) => file)).toEqual([2]);
  });

  test("because the storage is full says so, and goes again alone", async () => {
    const full = () => guest.clock.now() < 600_000;
    guest.put = ({ part }) =>
      Promise.resolve(part === 2 && full() ? putRefused("InsufficientStorage", 507) : putWorks);
    guest.pickFiles([film("film.mov", 4)]);
    await guest.clock.until(() => guest.stored.size === 3);
    await guest.clock.advance(1000);
    expect(guest.reports.get(1)).toMatchObject({ retrying: true, reason: { code: "storage_full" } });
    expect(await guest.finish()).toEqual(["saved"]);
    expect(partsSent().filter((part) => part !== 2)).toHaveLength(3);
  });

  test("for good ends the file, and cuts its other parts", async () => {
    guest.put = ({ part }) => (part === 2 ? Promise.resolve(putRefused("EntityTooLarge", 400)) : never);
    guest.pickFiles([film("film.mov", 20)]);
    expect(await guest.finish()).toEqual(["failed"]);
    expect(guest.reports.get(1)?.reason?.code).toBe("too_large");
    await guest.clock.advance(10_000);
    expect(guest.putsNow).toBe(0);
    expect(guest.puts.length).toBeLessThanOrEqual(6);
    guest.put = () => Promise.resolve(putWorks);
    guest.retry(1);
    expect(await guest.finish()).toEqual(["saved"]);
  });
});

describe("an upload that is there", () => {
  test("goes on with what is missing", async () => {
    for (const number of [1, 2, 4]) guest.stored.add(`1/${number}`);
    guest.put = () => never;
    guest.pickFiles([film("film.mov", 5)]);
    await guest.clock.advance(1000);
    expect(guest.reports.get(1)).toEqual({ id: 1, state: "uploading", sentBytes: 30 });
    expect(partsSent()).toEqual([3, 5]);
  });

  test("and is whole is only completed", async () => {
    for (const number of numbers(5)) guest.stored.add(`1/${number}`);
    guest.pickFiles([film("film.mov", 5)]);
    expect(await guest.finish()).toEqual(["saved"]);
    expect([guest.puts.length, guest.completed.length]).toEqual([0, 1]);
  });

  test("sends again what complete misses", async () => {
    let missed = false;
    guest.refuseToComplete = () => {
      if (missed) return undefined;
      missed = true;
      guest.stored.delete("1/2");
      return { status: 409, code: "not_uploaded", message: "1 of its 4 parts is missing" };
    };
    guest.pickFiles([film("film.mov", 4)]);
    expect(await guest.finish()).toEqual(["saved"]);
    expect(partsSent()).toEqual([1, 2, 3, 4, 2]);
  });

  test("and was completed by another page is saved", async () => {
    let first = true;
    guest.refuseParts = () => {
      const failure = { kind: "url_refused", reason: { code: "refused", message: "uploaded" } } as const;
      return first ? new UploadError(failure) : undefined;
    };
    guest.refuseToSign = ({ file_id }) => {
      first = file_id === undefined;
      return first ? undefined : { status: 409, code: "already_uploaded", message: "uploaded" };
    };
    guest.pickFiles([film("film.mov", 4)]);
    expect(await guest.finish()).toEqual(["saved"]);
    expect(guest.puts).toHaveLength(0);
  });
});

describe("the guest", () => {
  test("pauses every part, and lets them go on", async () => {
    guest.put = () => never;
    guest.pickFiles([film("film.mov", 20)]);
    await guest.clock.advance(1000);
    expect(guest.putsNow).toBe(6);
    guest.pause();
    await guest.clock.advance(60_000);
    expect([guest.putsNow, guest.puts.length, guest.states()[0]]).toEqual([0, 6, "queued"]);
    guest.put = () => Promise.resolve(putWorks);
    guest.pause(false);
    expect(await guest.finish()).toEqual(["saved"]);
    expect([...new Set(partsSent())].sort((a, b) => a - b)).toEqual(numbers(20));
    expect(guest.puts).toHaveLength(26);
  });

  test("takes a file back, and nothing of it goes any more", async () => {
    guest.put = () => never;
    guest.pickFiles([film("film.mov", 20)]);
    await guest.clock.advance(1000);
    guest.cancel(1);
    await guest.clock.advance(60_000);
    expect(guest.reports.get(1)).toEqual({ id: 1, state: "skipped", reason: { code: "cancelled" } });
    expect([guest.putsNow, guest.puts.length]).toEqual([0, 6]);
  });

  test("whose link ends sends no part more", async () => {
    guest.put = ({ part }) => (part === 1 ? Promise.resolve(putWorks) : never);
    guest.pickFiles([film("film.mov", 20)]);
    await guest.clock.advance(1000);
    guest.serverThrows = new UploadError({ kind: "link_ended" });
    guest.pick("a.jpg");
    expect(await guest.finish()).toEqual(["failed", "failed"]);
    expect(guest.putsNow).toBe(0);
    expect(guest.linkEnded).toBe(1);
  });
});
