import { expect, test } from "vitest";
import { backoffMs } from "./backoff.ts";

test("the wait doubles with each failure, up to thirty seconds", () => {
  const longest = [1, 2, 3, 4, 5, 6, 7, 50, 2000].map((failures) => backoffMs(failures, () => 1));
  expect(longest).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000]);
});

test("the jitter is full: any wait from nothing to the longest", () => {
  expect(backoffMs(3, () => 0)).toBe(0);
  expect(backoffMs(3, () => 0.25)).toBe(1000);
});
