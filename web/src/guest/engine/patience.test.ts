import { beforeEach, expect, test } from "vitest";
import { Pace } from "./pace.ts";
import { Patience } from "./patience.ts";

const PHOTO = 4_000_000;
const SLOW_BYTES_PER_MS = 20;

let patience: Patience;
beforeEach(() => {
  patience = new Patience();
});

const limitSecs = (sizeBytes = PHOTO) => Math.round(patience.limitMs(sizeBytes) / 1000);

test("before anything is known, a line of 20 kB/s gets the time that it needs", () => {
  expect(limitSecs()).toBeGreaterThan(PHOTO / SLOW_BYTES_PER_MS / 1000);
  expect(limitSecs()).toBeLessThan(240);
  expect(limitSecs(100_000)).toBeLessThan(45);
});

test("once answers have come soon, a photo is waited for little more than half a minute", () => {
  for (let photo = 0; photo < 20; photo += 1) patience.answered(PHOTO, 500);
  expect(limitSecs()).toBeLessThan(35);
  expect(limitSecs(64_000_000), "of which no more can be on the way").toBe(limitSecs());
});

test("a line that turned out to be slow gets time for larger photos, too", () => {
  for (let photo = 0; photo < 20; photo += 1) patience.answered(500_000, 500_000 / SLOW_BYTES_PER_MS);
  expect(limitSecs()).toBeGreaterThan((3 * PHOTO) / SLOW_BYTES_PER_MS / 1000);
});

test("what takes its time however small it is does not make a line slow", () => {
  for (let photo = 0; photo < 20; photo += 1) patience.answered(5000, 600);
  expect(limitSecs()).toBeLessThan(75);
});

test("those that have waited in vain together make the next wait longer once, and never without end", () => {
  for (let photo = 0; photo < 20; photo += 1) patience.answered(PHOTO, 500);
  for (let photo = 0; photo < 6; photo += 1) patience.inVain(PHOTO, 33_000);
  expect(limitSecs()).toBe(162);
  for (let photo = 0; photo < 6; photo += 1) patience.inVain(PHOTO, 1_000_000);
  expect(limitSecs()).toBe(1060);
});

test("a slow line whose buffers swallow whole photos carries none of them for ever", () => {
  for (let photo = 0; photo < 20; photo += 1) patience.answered(PHOTO, 500);
  const pace = new Pace(() => 6);
  let inVain = 0;
  for (let photo = 0; photo < 50; photo += 1) {
    for (;;) {
      const neededMs = (pace.atOnce * PHOTO) / SLOW_BYTES_PER_MS;
      const limitMs = patience.limitMs(PHOTO);
      if (neededMs > limitMs) {
        inVain += 1;
        patience.inVain(PHOTO, limitMs);
        pace.stalled(0);
      } else {
        patience.answered(PHOTO, neededMs);
        break;
      }
    }
  }
  expect(inVain).toBeLessThan(4);
});
