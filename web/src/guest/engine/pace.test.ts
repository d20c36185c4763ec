import { expect, test } from "vitest";
import { Pace } from "./pace.ts";

/** Sends photos of 1 MB for so many seconds over a network that brings `rate(atOnce)` bytes in a second. */
function send(pace: Pace, seconds: number, rate: (atOnce: number) => number, from = 0): number[] {
  const seen: number[] = [];
  let now = from;
  while (now < from + seconds * 1000) {
    pace.begun(now);
    now += (1_000_000 / rate(pace.atOnce)) * 1000;
    pace.ended(1_000_000, now);
    seen.push(pace.atOnce);
  }
  return seen;
}

const most = () => 8;

test("where more at once bring more, it comes to the most there may be", () => {
  const pace = new Pace(most);
  pace.stalled(0);
  pace.stalled(0);
  expect(pace.atOnce).toBe(2);
  const seen = send(pace, 120, (atOnce) => atOnce * 500_000);
  expect(Math.max(...seen)).toBe(8);
  const late = seen.slice(seen.length / 2);
  expect(late.filter((atOnce) => atOnce >= 7).length / late.length).toBeGreaterThan(0.9);
});

test("where two fill the line, it comes to two and never to fewer", () => {
  const seen = send(new Pace(most), 600, (atOnce) => Math.min(atOnce, 2) * 400_000);
  expect(seen.at(-1)).toBeLessThanOrEqual(3);
  expect(Math.min(...seen)).toBe(2);
});

test("where four fill the line, it stays about four", () => {
  const seen = send(new Pace(most), 600, (atOnce) => Math.min(atOnce, 4) * 400_000);
  const late = seen.slice(seen.length / 2);
  const mean = late.reduce((sum, atOnce) => sum + atOnce, 0) / late.length;
  expect(mean).toBeGreaterThanOrEqual(3);
  expect(mean).toBeLessThanOrEqual(5);
});

test("a line that gets wider is found out, after one that takes a single upload at a time", () => {
  const pace = new Pace(most);
  for (let n = 0; n < 4; n += 1) pace.stalled(0);
  expect(pace.atOnce).toBe(1);
  const seen = send(pace, 60, (atOnce) => atOnce * 1_000_000, 5000);
  expect(Math.max(...seen)).toBe(8);
});

test("it follows what a connection can carry", () => {
  let carries = 6;
  const pace = new Pace(() => carries);
  expect(pace.atOnce).toBe(6);
  carries = 4;
  expect(pace.atOnce).toBe(4);
});

test("time in which nothing is sent is no slowness", () => {
  const paces = [new Pace(most), new Pace(most)];
  const wide = (atOnce: number) => atOnce * 700_000;
  const seen = paces.map((pace, index) => [
    ...send(pace, 20, wide),
    ...send(pace, 20, wide, index * 3_600_000),
  ]);
  expect(seen[0]?.slice(0, 200)).toEqual(seen[1]?.slice(0, 200));
});
