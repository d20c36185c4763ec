import { expect, test } from "vitest";
import type { Report } from "./messages.ts";
import { Reports } from "./reports.ts";
import { ManualClock } from "./testing/manual-clock.ts";

function listening() {
  const clock = new ManualClock();
  const heard: Report[][] = [];
  return { clock, heard, reports: new Reports(clock, (batch) => heard.push(batch)) };
}

test("the page hears four times a second at most, and of each file the last state only", async () => {
  const { clock, heard, reports } = listening();
  for (let sentBytes = 0; sentBytes < 1000; sentBytes += 1) {
    reports.add({ id: 1, state: "uploading", sentBytes });
    reports.add({ id: 2, state: "queued" });
    await clock.advance(1);
  }
  await clock.advance(250);
  expect(heard).toHaveLength(5);
  expect(heard.every((batch) => batch.length === 2)).toBe(true);
  expect(heard.at(-1)?.[0]).toEqual({ id: 1, state: "uploading", sentBytes: 999 });
});

test("what happens after a quiet time, such as what a guest has asked for, the page hears at once", async () => {
  const { clock, heard, reports } = listening();
  for (const id of [1, 2]) {
    reports.add({ id, state: "saved" });
    await clock.advance(0);
    expect(heard).toHaveLength(id);
    await clock.advance(250);
  }
});
