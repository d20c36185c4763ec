import { beforeEach, describe, expect, test } from "vitest";
import { UploadError } from "./failure.ts";
import { Guest, putBreaks, putRefused, putWorks } from "./testing/guest.ts";
import type { Verdict } from "./verdict.ts";

const names = (count: number) => Array.from({ length: count }, (_, index) => `${index + 1}.jpg`);
const rejected = (message: string): Verdict => ({ is: "rejected", reason: { code: "rejected", message } });
const never = new Promise<never>(() => {});

let guest: Guest;
beforeEach(() => {
  guest = new Guest();
});

describe("a pick", () => {
  test("is sent completely, each file once, in the order picked", async () => {
    guest.pick(...names(200));
    expect(new Set(await guest.finish())).toEqual(new Set(["saved"]));
    expect(guest.puts.map(({ name }) => name)).toEqual(names(200));
    expect(guest.completed.map(({ file }) => file).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 200 }, (_, index) => index + 1),
    );
  });

  test("uses six PUTs at once and no more", async () => {
    guest.put = () => new Promise((resolve) => guest.clock.after(1000, () => resolve(putWorks)));
    guest.pick(...names(40));
    await guest.finish();
    expect(guest.mostPutsAtOnce).toBe(6);
  });

  test("is under way before the rest is prepared", async () => {
    guest.prepare = (file) => (file.name === "2.jpg" ? never : Promise.resolve({ type: "image/jpeg" }));
    guest.pick("1.jpg", "2.jpg", "3.jpg");
    await guest.clock.until(() => guest.states()[0] === "saved" && guest.states()[2] === "saved");
    expect(guest.states()[1]).toBe("preparing");
  });

  test("is prepared only a few files ahead of the network", async () => {
    guest.put = () => never;
    guest.pick(...names(500));
    await guest.clock.advance(20_000);
    expect(guest.puts).toHaveLength(6);
    expect(guest.prepared.length).toBeLessThanOrEqual(24);
  });

  test("is added to one that is under way", async () => {
    guest.pick("1.jpg");
    guest.pick("2.jpg");
    expect(await guest.finish()).toEqual(["saved", "saved"]);
  });

  test("tells the server size, type, hash and what was read", async () => {
    guest.prepare = () =>
      Promise.resolve({ type: "image/heic", sha256: "ab", metadata: { make: "Maker", iso: 100 } });
    guest.pick("a.heic");
    await guest.finish();
    expect(guest.signed).toEqual([{ filename: "a.heic", size: 5, type: "image/heic", sha256: "ab" }]);
    expect(guest.completed).toEqual([
      { file: 1, fileSize: 5, fileType: "image/heic", metadata: { make: "Maker", iso: 100 } },
    ]);
  });

  test("goes on past a file that is no photo", async () => {
    guest.prepare = (file) =>
      file.name === "note.txt"
        ? Promise.reject(new UploadError({ kind: "skipped", reason: { code: "not_a_photo" } }))
        : Promise.resolve({ type: "image/jpeg" });
    guest.pick("a.jpg", "note.txt", "b.jpg");
    expect(await guest.finish()).toEqual(["saved", "skipped", "saved"]);
    expect(guest.reports.get(2)?.reason).toEqual({ code: "not_a_photo" });
    expect(guest.signed.map(({ filename }) => filename)).toEqual(["a.jpg", "b.jpg"]);
  });

  test("goes on past a bug", async () => {
    guest.prepare = (file) =>
      file.name === "a.jpg" ? Promise.reject(new TypeError("bug")) : Promise.resolve({ type: "image/jpeg" });
    guest.pick("a.jpg", "b.jpg");
    expect(await guest.finish()).toEqual(["failed", "saved"]);
    expect(guest.reports.get(1)?.reason).toEqual({ code: "unexpected" });
  });
});

describe("a PUT", () => {
  test("that breaks is repeated for many minutes, for the same image, every third time with a new URL", async () => {
    guest.put = () => Promise.resolve(guest.clock.now() < 15 * 60_000 ? putBreaks : putWorks);
    guest.pick("a.jpg");
    expect(await guest.finish()).toEqual(["saved"]);
    expect(new Set(guest.puts.map(({ imageId }) => imageId)).size).toBe(1);
    expect(guest.puts.length).toBeGreaterThan(20);
    expect(new Set(guest.puts.map(({ url }) => url)).size).toBe(Math.ceil(guest.puts.length / 3));
  });

  test("whose URL has died unheard, the connection being reset, gets another one", async () => {
    guest.put = ({ url }) => Promise.resolve(url.endsWith("=1") ? putBreaks : putWorks);
    guest.pick("a.jpg");
    expect(await guest.finish()).toEqual(["saved"]);
    expect(guest.signed.map(({ file_id }) => file_id)).toEqual([undefined, 1]);
    expect(guest.puts).toHaveLength(4);
  });

  test("that stalls makes fewer go at once, and those that succeed more again", async () => {
    const uplink = (atOnce: number) =>
      guest.putsNow > atOnce ? { ...putBreaks, stalled: true as const } : putWorks;
    guest.put = () =>
      new Promise((resolve) =>
        guest.clock.after(25_000, () => resolve(uplink(guest.clock.now() < 600_000 ? 1 : 6))),
      );
    guest.pick(...names(12));
    await guest.clock.until(() => guest.states().includes("saved"));
    guest.mostPutsAtOnce = 0;
    expect(new Set(await guest.finish())).toEqual(new Set(["saved"]));
    expect(guest.mostPutsAtOnce).toBeLessThan(6);
    guest.mostPutsAtOnce = 0;
    await guest.clock.advance(600_000);
    guest.pick(...names(40));
    await guest.finish();
    expect(guest.mostPutsAtOnce).toBe(6);
  });

  test("that meets a full storage says so, and is repeated until there is room", async () => {
    const full = () => guest.clock.now() < 3_000_000;
    guest.put = () => Promise.resolve(full() ? putRefused("InsufficientStorage", 507) : putWorks);
    guest.pick("a.jpg");
    await guest.clock.advance(60_000);
    const reason = { code: "storage_full" };
    expect(guest.reports.get(1)).toEqual({ id: 1, state: "uploading", retrying: true, reason });
    expect(guest.connection).toBe("full");
    expect(await guest.finish()).toEqual(["saved"]);
    expect(guest.connection).toBe("steady");
    // Every 15 seconds in the mean, and never more seldom than every 30, but for the waits in common.
    expect(guest.puts.length).toBeGreaterThan(50);
    expect(guest.puts.length).toBeLessThan(250);
  });

  test("that only a large one finds the storage full for holds up no other", async () => {
    guest.put = ({ name }) =>
      Promise.resolve(name === "film.mov" ? putRefused("InsufficientStorage", 507) : putWorks);
    guest.pick("film.mov", ...names(200));
    await guest.clock.until(() => guest.states().filter((state) => state === "saved").length === 200);
    expect(guest.clock.now()).toBeLessThan(60_000);
  });

  test("that meets an overloaded storage is repeated", async () => {
    const answers = [
      putRefused("SlowDown", 503),
      putRefused("RequestTimeout", 400),
      { status: 429, body: "" },
    ];
    guest.put = () => Promise.resolve(answers.shift() ?? putWorks);
    guest.pick("a.jpg");
    expect(await guest.finish()).toEqual(["saved"]);
    expect(guest.puts).toHaveLength(4);
  });

  test("whose URL has expired gets another one, for the same image", async () => {
    guest.put = ({ url }) => Promise.resolve(url.endsWith("=1") ? putRefused("AccessDenied") : putWorks);
    guest.pick("a.jpg");
    expect(await guest.finish()).toEqual(["saved"]);
    expect(guest.signed.map(({ file_id }) => file_id)).toEqual([undefined, 1]);
    expect(guest.puts.map(({ imageId }) => imageId)).toEqual([1, 1]);
  });

  test("that is always refused fails by name and holds up no other", async () => {
    guest.put = ({ name }) => Promise.resolve(name === "a.jpg" ? putRefused("AccessDenied") : putWorks);
    guest.pick("a.jpg", ...names(50));
    const states = await guest.finish();
    expect(states[0]).toBe("failed");
    expect(guest.reports.get(1)?.reason).toEqual({ code: "storage_refused", error: "AccessDenied" });
    expect(new Set(states.slice(1))).toEqual(new Set(["saved"]));
  });

  test("that breaks every time leaves its place to the others meanwhile", async () => {
    guest.put = ({ name }) => Promise.resolve(name.startsWith("bad") ? putBreaks : putWorks);
    guest.pick(...names(30).map((name) => `bad${name}`), ...names(30));
    await guest.clock.until(() => guest.states().filter((state) => state === "saved").length === 30);
    expect(guest.states().slice(0, 30)).not.toContain("saved");
  });

  test("of other bytes than were hashed is prepared again, once", async () => {
    let hash = 0;
    guest.prepare = () => Promise.resolve({ type: "image/jpeg", sha256: `${++hash}` });
    const answers = [putRefused("BadDigest", 400)];
    guest.put = () => Promise.resolve(answers.shift() ?? putWorks);
    guest.pick("a.jpg");
    expect(await guest.finish()).toEqual(["saved"]);
    expect(guest.signed.map(({ sha256, file_id }) => [sha256, file_id])).toEqual([
      ["1", undefined],
      ["2", undefined],
    ]);
  });

  test("of bytes that change every time fails by name", async () => {
    guest.put = () => Promise.resolve(putRefused("BadDigest", 400));
    guest.pick("a.jpg");
    expect(await guest.finish()).toEqual(["failed"]);
    expect(guest.reports.get(1)?.reason).toEqual({ code: "changed" });
    expect(guest.prepared).toHaveLength(2);
  });

  test("of a file that is gone fails at once instead of waiting for the network", async () => {
    const gone = () => Promise.reject(new DOMException("gone", "NotReadableError"));
    const file = Object.assign(new File(["photo"], "a.jpg"), { slice: () => ({ arrayBuffer: gone }) });
    guest.put = () => Promise.resolve(putBreaks);
    guest.pickFiles([file]);
    expect(await guest.finish()).toEqual(["failed"]);
    expect(guest.reports.get(1)?.reason).toEqual({ code: "unreadable" });
    expect(guest.puts).toHaveLength(1);
  });
});

describe("an answer of the server", () => {
  test("that the file is there already saves it without a PUT", async () => {
    guest.refuseToSign = () => ({ status: 409, code: "already_uploaded", message: "is there" });
    guest.pick("a.jpg");
    expect(await guest.finish()).toEqual(["saved"]);
    expect(guest.puts).toEqual([]);
  });

  test("that refuses one file names its reason and leaves the rest unharmed", async () => {
    guest.refuseToSign = ({ filename }) =>
      filename === "2.jpg" ? { status: 413, code: "file_too_large", message: "Too large." } : undefined;
    guest.pick(...names(3));
    expect(await guest.finish()).toEqual(["saved", "failed", "saved"]);
    expect(guest.reports.get(2)?.reason).toEqual({ code: "refused", message: "Too large." });
  });

  test("of a fault of its own is no end, and holds up no other file", async () => {
    const fails = (file: { filename: string }) => file.filename === "bad.jpg" && guest.clock.now() < 600_000;
    guest.refuseToSign = (file) => (fails(file) ? { status: 500, code: "internal", message: "" } : undefined);
    guest.pick("bad.jpg", ...names(200));
    await guest.clock.until(() => guest.states().filter((state) => state === "saved").length === 200);
    expect(guest.clock.now()).toBeLessThan(60_000);
    expect(guest.reports.get(1)).toMatchObject({ retrying: true, reason: { code: "unexpected" } });
    expect(await guest.finish()).not.toContain("failed");
    const batches = guest.signedTogether.filter((files) => files.includes("bad.jpg"));
    expect(batches.slice(1).every((files) => files.length === 1)).toBe(true);
    expect(batches.length).toBeLessThan(60);
  });

  test("that storage has nothing makes the file go again", async () => {
    const refusals = [{ status: 409, code: "not_uploaded", message: "not uploaded" }];
    guest.refuseToComplete = () => refusals.shift();
    guest.pick("a.jpg");
    expect(await guest.finish()).toEqual(["saved"]);
    expect(guest.puts.map(({ imageId }) => imageId)).toEqual([1, 1]);
  });

  test("that the image is gone makes the file go as a new one", async () => {
    const refusals = [{ status: 404, code: "not_found", message: "Not found." }];
    guest.refuseToComplete = () => refusals.shift();
    guest.pick("a.jpg");
    expect(await guest.finish()).toEqual(["saved"]);
    expect(guest.puts.map(({ imageId }) => imageId)).toEqual([1, 2]);
  });

  test("that the link has ended stops everything and keeps what is saved", async () => {
    guest.pick("1.jpg");
    await guest.finish();
    guest.serverThrows = new UploadError({ kind: "link_ended" });
    guest.pick(...names(100));
    expect(await guest.finish()).toEqual(["saved", ...names(100).map(() => "failed")]);
    expect(guest.reports.get(101)?.reason).toEqual({ code: "link_ended" });
    expect(guest.linkEnded).toBe(1);
    expect(guest.puts).toHaveLength(1);
  });
});

describe("a file that is here already", () => {
  test("is told so and sends no byte, and the others go", async () => {
    guest.refuseToSign = ({ filename }) => (filename === "2.jpg" ? { duplicate_of: 7 } : undefined);
    guest.pick(...names(3));
    expect(await guest.finish()).toEqual(["saved", "saved", "saved"]);
    expect([1, 2, 3].map((id) => guest.reports.get(id)?.alreadyHere)).toEqual([false, true, false]);
    expect(guest.puts.map(({ name }) => name)).toEqual(["1.jpg", "3.jpg"]);
    expect(guest.completed).toHaveLength(2);
  });

  test("falls with the one that it is the same as", async () => {
    guest.refuseToSign = () => ({ duplicate_of: 7 });
    guest.verdictOn = () => rejected("No photo.");
    guest.pick("a.jpg");
    await guest.clock.until(() => guest.states()[0] === "failed");
    expect(guest.looks.map(({ imageId }) => imageId)).toEqual([7]);
  });
});

describe("a saved file", () => {
  test("is checked in the end, with what is wrong with it", async () => {
    let asked = 0;
    guest.verdictOn = () => (++asked < 5 ? undefined : { is: "passed", warnings: ["cut_off"] });
    guest.pick("a.jpg");
    await guest.finish();
    expect(guest.reports.get(1)?.check).toBe("pending");
    await guest.clock.until(() => guest.reports.get(1)?.check === "passed");
    expect(guest.reports.get(1)).toMatchObject({ state: "saved", warnings: ["cut_off"] });
    expect(asked).toBe(5);
  });

  test("that the server could not look at stays saved, and is not asked about any more", async () => {
    guest.verdictOn = () => ({ is: "unexamined" });
    guest.pick("a.jpg");
    await guest.clock.until(() => guest.reports.get(1)?.warnings !== undefined);
    expect(guest.reports.get(1)).toMatchObject({ state: "saved", warnings: ["not_examined"] });
    expect(guest.reports.get(1)?.check).toBeUndefined();
    const { length } = guest.looks;
    await guest.clock.advance(600_000);
    expect(guest.looks).toHaveLength(length);
  });

  test("that is not accepted fails with the server's reason", async () => {
    guest.verdictOn = (imageId) => (imageId === 2 ? rejected("No photo.") : { is: "passed", warnings: [] });
    guest.pick(...names(3));
    await guest.clock.until(() => guest.reports.get(3)?.check === "passed");
    expect(guest.states()).toEqual(["saved", "failed", "saved"]);
    expect(guest.reports.get(2)?.reason).toEqual({ code: "rejected", message: "No photo." });
  });

  test("that became another on its way is read, hashed and sent again by a retry", async () => {
    guest.verdictOn = (imageId) =>
      imageId === 1
        ? { is: "rejected", reason: { code: "refused", message: "Send it again." } }
        : { is: "passed", warnings: [] };
    guest.pick("a.jpg");
    await guest.clock.until(() => guest.states()[0] === "failed");
    guest.retry(1);
    await guest.clock.until(() => guest.reports.get(1)?.check === "passed");
    expect(guest.prepared).toEqual(["a.jpg", "a.jpg"]);
    expect(guest.signed.map(({ file_id }) => file_id)).toEqual([undefined, undefined]);
    expect(guest.puts.map(({ imageId }) => imageId)).toEqual([1, 2]);
  });

  test("is not asked about while another is being sent", async () => {
    guest.put = ({ name }) =>
      new Promise((resolve) => guest.clock.after(name === "1.jpg" ? 100 : 60_000, () => resolve(putWorks)));
    guest.pick(...names(3));
    await guest.clock.until(() => guest.reports.get(1)?.check === "passed");
    expect(guest.clock.now()).toBeGreaterThan(60_000);
    expect(guest.looks.every(({ putsNow }) => putsNow === 0)).toBe(true);
  });
});

describe("a file that a worker had saved before it broke down", () => {
  test("can be taken back, and is not asked about once it has passed", async () => {
    guest.goOnWith({ imageId: 7, check: "passed" }, { imageId: 8, check: "passed" });
    guest.cancel(2);
    await guest.clock.advance(60_000);
    expect([guest.takenBack, guest.states(), guest.looks]).toEqual([[8], ["saved", "skipped"], []]);
  });

  test("is still checked, and may be refused", async () => {
    guest.verdictOn = (imageId) => (imageId === 7 ? rejected("No photo.") : { is: "passed", warnings: [] });
    guest.goOnWith({ imageId: 7, check: "pending" }, { imageId: 8, check: "pending" });
    await guest.clock.until(() => guest.reports.get(2)?.check === "passed");
    expect(guest.states()).toEqual(["failed", "saved"]);
    expect(guest.puts).toEqual([]);
  });
});

describe("a retry", () => {
  test("sends what failed, and goes on where it stopped", async () => {
    guest.put = () => Promise.resolve(putRefused("AccessDenied"));
    guest.pick("a.jpg");
    await guest.finish();
    guest.put = () => Promise.resolve(putWorks);
    guest.reports.set(1, { id: 1, state: "queued" });
    guest.retry(1);
    expect(await guest.finish()).toEqual(["saved"]);
    expect(guest.prepared).toEqual(["a.jpg"]);
    expect(new Set(guest.puts.map(({ imageId }) => imageId))).toEqual(new Set([1]));
  });

  test("of a file that has not failed does nothing", async () => {
    guest.pick("a.jpg");
    await guest.finish();
    guest.retry(1, 99);
    await guest.clock.advance(60_000);
    expect(guest.puts).toHaveLength(1);
  });
});
