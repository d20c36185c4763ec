import { beforeEach, describe, expect, test } from "vitest";
import { UploadError } from "./failure.ts";
import { Guest, putBreaks, putWorks } from "./testing/guest.ts";

const names = (count: number) => Array.from({ length: count }, (_, index) => `${index + 1}.jpg`);
const never = new Promise<never>(() => {});

let guest: Guest;
beforeEach(() => {
  guest = new Guest();
});

describe("the guest", () => {
  const put1s = () =>
    new Promise<typeof putWorks>((resolve) => guest.clock.after(1000, () => resolve(putWorks)));

  test("pauses: nothing is sent, not even what was under way, until it goes on", async () => {
    guest.put = put1s;
    guest.pick(...names(20));
    await guest.clock.until(() => guest.states().includes("saved"));
    guest.pause();
    await guest.clock.advance(3000);
    const [puts, done] = [guest.puts.length, guest.completed.length];
    expect(guest.putsNow).toBe(0);
    expect(guest.states()).not.toContain("uploading");
    guest.pick("later.jpg");
    await guest.clock.advance(600_000);
    expect([guest.puts.length, guest.completed.length]).toEqual([puts, done]);
    expect(guest.states()).not.toContain("failed");
    guest.pause(false);
    expect(new Set(await guest.finish())).toEqual(new Set(["saved"]));
    expect(guest.completed).toHaveLength(21);
    expect(new Set(guest.puts.map(({ url }) => url)).size).toBe(21);
  });

  test("pauses before anything is sent", async () => {
    guest.pause();
    guest.pick(...names(30));
    await guest.clock.advance(60_000);
    expect(guest.puts).toHaveLength(0);
    guest.pause(false);
    expect(new Set(await guest.finish())).toEqual(new Set(["saved"]));
  });

  test("takes back a photo that waits, one that is being sent, and one that has failed", async () => {
    guest.put = ({ name }) => (name === "1.jpg" ? never : put1s());
    guest.prepare = (file) =>
      file.name === "2.jpg"
        ? Promise.reject(new UploadError({ kind: "failed", reason: { code: "unreadable" } }))
        : Promise.resolve({ type: "image/jpeg" });
    guest.pick(...names(40));
    await guest.clock.advance(1500);
    guest.cancel(1, 2, 40);
    await guest.finish();
    for (const id of [1, 2, 40]) {
      expect(guest.reports.get(id), String(id)).toMatchObject({
        state: "skipped",
        reason: { code: "cancelled" },
      });
    }
    expect(guest.completed).toHaveLength(37);
    guest.retry(1, 2, 40);
    await guest.clock.advance(10_000);
    expect(guest.completed).toHaveLength(37);
  });

  test("takes back a photo while all is paused", async () => {
    guest.put = put1s;
    guest.pick(...names(20));
    await guest.clock.advance(500);
    guest.pause();
    await guest.clock.advance(500);
    guest.cancel(1, 19);
    expect([guest.reports.get(1), guest.reports.get(19)]).toMatchObject([
      { state: "skipped" },
      { state: "skipped" },
    ]);
    guest.pause(false);
    await guest.finish();
    expect(guest.completed).toHaveLength(18);
  });

  test("takes back a photo that waits for a better network", async () => {
    guest.put = () => Promise.resolve(putBreaks);
    guest.pick("a.jpg");
    await guest.clock.advance(120_000);
    guest.cancel(1);
    expect(await guest.finish()).toEqual(["skipped"]);
  });

  test("takes back a photo that has arrived", async () => {
    guest.pick("a.jpg", "b.jpg");
    await guest.finish();
    guest.cancel(2);
    await guest.clock.advance(1000);
    expect(guest.takenBack).toEqual([2]);
    expect(guest.states()).toEqual(["saved", "skipped"]);
    // Nobody asks any more what became of it.
    await guest.clock.advance(60_000);
    expect(guest.states()).toEqual(["saved", "skipped"]);
  });

  test("sees a photo stay that the server does not give back", async () => {
    guest.mayTakeBack = false;
    guest.pick("a.jpg");
    await guest.finish();
    guest.cancel(1);
    await guest.clock.advance(60_000);
    expect([guest.takenBack, guest.states()]).toEqual([[1], ["saved"]]);
    expect(guest.reports.get(1)).toMatchObject({ check: "passed", notTakenBack: true });
  });

  test("takes back a photo that is about to be saved, once it is", async () => {
    let answer = () => {};
    guest.completing = new Promise((resolve) => (answer = resolve));
    guest.pick("a.jpg", "b.jpg");
    await guest.clock.advance(1000);
    guest.cancel(2);
    await guest.clock.advance(1000);
    expect([guest.takenBack, guest.states()]).toEqual([[], ["saving", "saving"]]);
    answer();
    expect(await guest.finish()).toEqual(["saved", "skipped"]);
    expect(guest.takenBack).toEqual([2]);
  });

  test("takes back a photo that may have been saved by what failed", async () => {
    guest.refuseToComplete = () => {
      guest.cancel(1);
      return { status: 409, code: "not_uploaded", message: "not uploaded" };
    };
    guest.pick("a.jpg");
    expect(await guest.finish()).toEqual(["skipped"]);
    expect([guest.takenBack, guest.puts.length]).toEqual([[1], 1]);
  });

  test("takes back a photo that waits for its pick to be remembered", async () => {
    guest.rememberMs = 60_000;
    guest.remember = () => 100;
    guest.pick("a.jpg");
    await guest.clock.until(() => guest.states()[0] === "saving");
    guest.cancel(1);
    await guest.clock.advance(120_000);
    expect([guest.states(), guest.completed, guest.forgotten]).toEqual([["skipped"], [], [100]]);
  });

  test("takes a photo off the list that was here before, and it stays here", async () => {
    guest.refuseToSign = ({ filename }) => (filename === "a.jpg" ? undefined : { duplicate_of: 1 });
    guest.pick("a.jpg");
    await guest.finish();
    guest.pick("same.jpg", "again.jpg");
    expect(await guest.finish()).toEqual(["saved", "saved", "saved"]);
    guest.cancel(2);
    guest.cancel(1);
    await guest.clock.advance(1000);
    expect([guest.takenBack, guest.states()]).toEqual([[], ["skipped", "skipped", "saved"]]);
    guest.cancel(3);
    await guest.clock.advance(1000);
    expect([guest.takenBack, guest.states()]).toEqual([[], ["skipped", "skipped", "skipped"]]);
  });

  test("sees small photos saved while a film waits its turn, and the film too", async () => {
    guest.put = put1s;
    guest.pickFiles([
      new File(["film".repeat(200)], "film.mp4"),
      ...names(60).map((name) => new File(["x"], name)),
    ]);
    await guest.finish();
    const place = guest.puts.findIndex(({ name }) => name === "film.mp4");
    expect(place).toBeGreaterThan(0);
    expect(place).toBeLessThan(10);
  });
});
