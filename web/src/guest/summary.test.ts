import { describe, expect, test } from "vitest";
import type { Reason } from "./engine/messages.ts";
import { type Situation, summarise } from "./summary.ts";
import { count, mayRetry, type Standing, tallyOf } from "./tally.ts";
import { en } from "./text/en.ts";
import { reasonInWords } from "./text/words.ts";

const saved = (sizeBytes = 1_000_000): Standing => ({ state: "saved", sizeBytes, sentBytes: 0 });
const uploading = (sizeBytes: number, sentBytes: number): Standing => ({
  state: "uploading",
  sizeBytes,
  sentBytes,
});
const failed: Standing = { state: "failed", sizeBytes: 10, sentBytes: 0, reason: { code: "unreadable" } };
const skipped = (code: "not_a_photo" | "empty"): Standing => ({
  state: "skipped",
  sizeBytes: 10,
  sentBytes: 0,
  reason: { code },
});
const times = (count: number, standing: Standing) => Array.from({ length: count }, () => standing);

function summaryOf(files: Standing[], situation: Partial<Situation> = {}) {
  const steady = {
    here: { stored: 0, verified: 0 },
    connection: "steady",
    online: true,
    reading: false,
    handingOver: false,
    alreadyListed: 0,
    linkEnded: false,
    paused: false,
    keepInFront: false,
  } as const;
  return summarise({ tally: tallyOf(files), ...steady, ...situation }, en);
}

test("before anything is picked it says what is here already", () => {
  expect(summaryOf([])).toMatchObject({ phase: "idle", headline: "" });
  const here = { stored: 1200, verified: 7 };
  const summary = summaryOf([], { here });
  expect(summary).toMatchObject({ phase: "stored", headline: "Photos stored here: 1,200. Verified: 7." });
  expect(summaryOf([saved()], { here }).phase).toBe("done");
  expect(summaryOf([], { here, handingOver: true }).phase).toBe("handing_over");
});

describe("while it goes on", () => {
  test("says how many are saved and how much is sent", () => {
    const summary = summaryOf([...times(12, saved()), ...times(11, uploading(2_000_000, 500_000))]);
    expect(summary).toEqual({
      phase: "sending",
      headline: "12 of 23 photos saved",
      detail: ["17.5 MB of 34 MB sent.", "Keep this page open until all are saved."],
      title: "12/23 saved",
    });
  });

  test("asks to keep the page in front where the device would stop", () => {
    const { detail } = summaryOf([uploading(10, 0)], { keepInFront: true });
    expect(detail).toContain("Keep this page in front and the screen on until all are saved.");
  });

  test("says that the device hands photos over, beside what is being sent", () => {
    const handingOver = summaryOf([], { handingOver: true });
    expect(handingOver).toMatchObject({ phase: "handing_over", headline: "Preparing your photos…" });
    const more = summaryOf([uploading(10, 0)], { handingOver: true });
    expect([more.phase, more.detail[1]]).toEqual(["sending", "Preparing your photos…"]);
  });

  test("counts what is skipped out", () => {
    expect(summaryOf([saved(), skipped("not_a_photo"), uploading(10, 0)]).headline).toBe(
      "1 of 2 photos saved",
    );
  });

  test("says so when the connection fails, and what the device says of it", () => {
    const files = [uploading(10, 0)];
    expect(summaryOf(files, { connection: "unsteady" }).detail[0]).toContain("unsteady");
    expect(summaryOf(files, { connection: "unsteady" }).warning).toContain("unsteady");
    expect(summaryOf(files, { connection: "unsteady", online: false }).detail[0]).toContain("offline");
    expect(summaryOf(files, { online: false }).detail.join()).not.toContain("offline");
  });

  test("says that the storage is full, and not that the connection is bad", () => {
    const { warning } = summaryOf([uploading(10, 0)], { connection: "full" });
    expect(warning).toBe(
      "Not saved yet, trying again: the storage of this event is full; please ask the person who invited you.",
    );
  });

  test("says that it is paused, whatever the connection is like", () => {
    const { warning, detail } = summaryOf([uploading(10, 0)], { paused: true, connection: "unsteady" });
    expect(warning).toBe(en.paused);
    expect(detail[0]).toBe(en.paused);
  });

  test("says that it is reading before it counts", () => {
    expect(summaryOf([], { reading: true }).phase).toBe("reading");
    expect(summaryOf([saved()], { reading: true }).headline).toBe("Reading what you chose…");
  });
});

describe("at the end", () => {
  test("says unmistakably that all are saved", () => {
    expect(summaryOf(times(23, saved()))).toMatchObject({
      phase: "done",
      headline: "All 23 photos are saved.",
      title: "✓ 23 photos saved",
    });
    expect(summaryOf(times(2000, saved())).headline).toBe("All 2,000 photos are saved.");
    expect(summaryOf([saved()]).headline).toBe("Your photo is saved.");
  });

  test("names what was skipped apart, by reason", () => {
    const files = [...times(23, saved()), skipped("not_a_photo"), skipped("not_a_photo"), skipped("empty")];
    const { headline, detail } = summaryOf(files);
    expect(headline).toBe("All 23 photos are saved.");
    expect(detail.slice(0, 2)).toEqual([
      "2 files were not photos and were skipped.",
      "1 file was empty and was skipped.",
    ]);
  });

  test("never says all where one failed", () => {
    expect(summaryOf([saved(), failed])).toMatchObject({
      phase: "trouble",
      headline: "1 of 2 photos is saved.",
      detail: ["1 file could not be sent."],
      title: "⚠ 1 file not saved",
    });
  });

  test("does not count as saved what was sent and is not accepted", () => {
    const rejected: Standing = { ...failed, reason: { code: "rejected", message: "No photo." } };
    expect(summaryOf([saved(), rejected, rejected, failed])).toMatchObject({
      phase: "trouble",
      headline: "1 of 4 photos is saved.",
      detail: ["1 file could not be sent.", "2 files were not accepted."],
      title: "⚠ 3 files not saved",
    });
    expect(mayRetry(rejected.reason)).toBe(false);
  });

  test("says of what is saved how many the server has yet to look at", () => {
    const unchecked: Standing = { ...saved(), check: "pending" };
    expect(summaryOf([unchecked, { ...saved(), check: "passed" }])).toMatchObject({
      headline: "All 2 photos are saved.",
      detail: ["1 photo is still being checked.", "You can close this page, or choose more."],
    });
  });

  test("says when the server has looked at every one", () => {
    const verified: Standing = { ...saved(), check: "passed" };
    expect(summaryOf(times(23, verified))).toMatchObject({
      phase: "done",
      headline: "All 23 photos are safely stored and verified.",
      detail: ["You can close this page, or choose more."],
    });
    expect(summaryOf([verified]).headline).toBe("Your photo is safely stored and verified.");
  });

  test("tells once of how many photos the device took the place out", () => {
    const removed: Standing = { ...saved(), check: "passed", warnings: ["location_removed"] };
    expect(summaryOf([removed, removed, { ...saved(), check: "passed", warnings: [] }]).detail).toEqual([
      "Your device left out where 2 photos were taken. To keep the places, send them from a computer.",
      "You can close this page, or choose more.",
    ]);
  });

  test("tells of photos that were here before, and counts none of their bytes", () => {
    const here: Standing = { ...saved(), alreadyHere: true };
    expect(summaryOf([here, here, saved()])).toMatchObject({
      headline: "All 3 photos are saved.",
      detail: ["2 photos were already here and not sent again.", "You can close this page, or choose more."],
    });
    expect(tallyOf([here, saved(100)])).toMatchObject({ totalBytes: 100, sentBytes: 100 });
  });

  test("counts what a drop held and nobody could read", () => {
    const lost: Standing = { ...failed, sizeBytes: 0, reason: { code: "folder_not_read" } };
    expect(summaryOf([saved(), lost])).toMatchObject({ phase: "trouble", title: "⚠ 1 file not saved" });
    expect(mayRetry(lost.reason)).toBe(false);
    expect(mayRetry(failed.reason)).toBe(true);
  });

  test("does not call nothing a success", () => {
    expect(summaryOf([skipped("empty")]).headline).toBe("No photo was sent.");
  });

  test("says that the link has ended, whatever else is going on", () => {
    const { headline, detail } = summaryOf([saved(), failed, uploading(1, 0)], { linkEnded: true });
    expect(headline).toBe("This link has ended.");
    expect(detail).toEqual(["1 of 3 photos is saved.", "Please ask whoever invited you for a new link."]);
  });

  test("tells of a choice that was in the list already", () => {
    expect(summaryOf([saved()], { alreadyListed: 3 }).detail[0]).toBe("3 photos were already in the list.");
  });
});

test("bytes are counted once: a saved file whole, a file on its way by what has left", () => {
  const tally = tallyOf([saved(100), uploading(100, 40), uploading(100, 4000), skipped("empty"), failed]);
  expect(tally).toMatchObject({ total: 4, saved: 1, failed: 1, pending: 2, totalBytes: 310, sentBytes: 240 });
});

test("a file that is counted out leaves no trace", () => {
  const files: Standing[] = [
    { ...saved(100), check: "passed", warnings: ["location_removed"] },
    { ...saved(100), check: "pending" },
    { ...saved(100), alreadyHere: true },
    uploading(100, 4000),
    skipped("empty"),
    failed,
    { ...failed, reason: { code: "rejected", message: "No photo." } },
  ];
  const tally = tallyOf(files);
  expect(tally).toMatchObject({ failed: 2, retriable: 1, rejected: 1 });
  for (const file of files) count(tally, file, -1);
  expect(tally).toEqual(tallyOf([]));
});

test("every reason has its words", () => {
  const reasons: Reason[] = [
    { code: "not_a_photo" },
    { code: "empty" },
    { code: "unreadable" },
    { code: "file_not_read" },
    { code: "folder_not_read" },
    { code: "changed" },
    { code: "link_ended" },
    { code: "storage_full" },
    { code: "not_loaded" },
    { code: "outdated" },
    { code: "unexpected" },
    { code: "too_large", maxBytes: 524_288_000 },
    { code: "refused", message: "The server's words." },
    { code: "rejected", message: "The server's verdict." },
    { code: "storage_refused", error: "AccessDenied" },
  ];
  const words = reasons.map((reason) => reasonInWords(reason, en));
  expect(new Set(words).size).toBe(reasons.length);
  expect(words).toContain("larger than 524 MB");
  expect(words).toContain("The server's words.");
});
