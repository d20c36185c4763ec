import { expect, test } from "vitest";
import type { Report } from "./messages.ts";
import { Reports } from "./reports.ts";
import { ManualClock } from "./testing/manual-clock.ts";

test("the page hears ten times a second at most, and of each file the last state only", async () => {
  const clock = new ManualClock();
  const heard: Report[][] = [];
  const reports = new Reports(clock, (batch) => heard.push(batch));
  for (let sentBytes = 0; sentBytes < 1000; sentBytes += 1) {
    reports.add({ id: 1, state: "uploading", sentBytes });
    reports.add({ id: 2, state: "queued" });
    await clock.advance(1);
  }
  await clock.advance(100);
  expect(heard.length).toBeLessThanOrEqual(11);
  expect(heard.every((batch) => batch.length === 2)).toBe(true);
  expect(heard.at(-1)?.[0]).toEqual({ id: 1, state: "uploading", sentBytes: 999 });
});
