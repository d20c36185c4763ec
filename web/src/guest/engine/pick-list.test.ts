import { beforeEach, expect, test } from "vitest";
import { UploadError } from "./failure.ts";
import { Guest, putRefused } from "./testing/guest.ts";

let guest: Guest;
let nextPick: number;

beforeEach(() => {
  guest = new Guest();
  nextPick = 100;
  guest.remember = () => nextPick++;
});

test("what is picked is remembered at once, in one request for many", async () => {
  guest.put = () => new Promise(() => {});
  guest.pick("a.jpg", "b.jpg", "a.jpg");
  await guest.clock.advance(1000);
  expect(guest.picked).toEqual([
    { name: "a.jpg", size: 5, nth: 0 },
    { name: "b.jpg", size: 5, nth: 0 },
    { name: "a.jpg", size: 5, nth: 1 },
  ]);
});

test("a photo that arrives says which pick it is", async () => {
  guest.pick("a.jpg", "b.jpg");
  await guest.finish();
  expect(guest.completed.map(({ file, pick }) => [file, pick])).toEqual([
    [1, 100],
    [2, 101],
  ]);
});

test("so does one that is there already, and not a byte of it goes", async () => {
  guest.refuseToSign = () => ({ duplicate_of: 7 });
  guest.pick("a.jpg");
  expect(await guest.finish()).toEqual(["saved"]);
  expect(guest.puts).toEqual([]);
  expect(guest.completed).toEqual([{ file: 7, pick: 100 }]);
});

test("no photo waits for a server that remembers nothing", async () => {
  guest.remember = () => undefined;
  guest.pick("a.jpg");
  expect(await guest.finish()).toEqual(["saved"]);
  expect(guest.completed[0]).not.toHaveProperty("pick");
});

test.each([() => undefined, () => ({ duplicate_of: 7 })])(
  "nor long for one that is slow, which hears of its arrival later",
  async (refuse) => {
    guest.rememberMs = 600_000;
    guest.refuseToSign = refuse;
    guest.pick("a.jpg");
    expect(await guest.finish()).toEqual(["saved"]);
    expect(guest.clock.now()).toBeLessThan(5000);
    await guest.clock.advance(700_000);
    expect(guest.completed.at(-1)).toEqual({ file: refuse()?.duplicate_of ?? 1, pick: 100 });
  },
);

test("what is no photo, and what the guest does not want, is not missed", async () => {
  guest.prepare = ({ name }) =>
    name === "note.txt"
      ? Promise.reject(new UploadError({ kind: "skipped", reason: { code: "not_a_photo" } }))
      : Promise.resolve({ type: "image/jpeg" });
  guest.put = () => new Promise(() => {});
  guest.pick("note.txt", "a.jpg", "b.jpg", "c.jpg");
  await guest.clock.advance(1000);
  expect(guest.forgotten).toEqual([100]);
  guest.cancel(4);
  await guest.clock.advance(1000);
  expect(guest.forgotten).toEqual([100, 103]);
});

test("what the server does not take for a photo is not missed either", async () => {
  guest.verdictOn = () => ({ is: "rejected", reason: { code: "rejected", message: "no" } });
  guest.pick("a.jpg");
  await guest.clock.until(() => guest.states()[0] === "failed");
  await guest.clock.advance(1000);
  expect(guest.forgotten).toEqual([100]);
});

test("a photo that failed and is picked again is the same pick", async () => {
  guest.put = () => Promise.resolve(putRefused("InvalidRequest", 400));
  guest.pick("a.jpg");
  expect(await guest.finish()).toEqual(["failed"]);
  guest.put = () => Promise.resolve({ status: 200, body: "" });
  guest.pick("a.jpg");
  await guest.finish();
  expect(guest.picked).toHaveLength(1);
  expect(guest.completed.map(({ pick }) => pick)).toEqual([100]);
});
