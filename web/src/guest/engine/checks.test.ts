import { beforeEach, expect, test } from "vitest";
import { Checks } from "./checks.ts";
import type { NewsListener } from "./news.ts";
import { ManualClock } from "./testing/manual-clock.ts";
import type { Verdict } from "./verdict.ts";

const passed: Verdict = { is: "passed", warnings: [] };

let clock: ManualClock;
let checks: Checks;
/** When which image was asked about. */
let looks: { imageId: number; atMs: number }[];
let heard: number[];
let answer: (imageId: number) => Promise<Verdict | undefined>;
let atRest: boolean;
/** The server's news, which the test tells. */
let news: { isOpen: boolean; listener?: NewsListener };
/** Whether the server tells any. */
let tells: boolean;

beforeEach(() => {
  clock = new ManualClock();
  looks = [];
  heard = [];
  answer = () => Promise.resolve(passed);
  atRest = true;
  tells = false;
  news = { isOpen: false };
  checks = new Checks({
    clock,
    random: () => 1,
    news: {
      get isOpen() {
        return news.isOpen;
      },
      open: (listener) => {
        news = { isOpen: tells, listener };
      },
      close: () => {
        news = { isOpen: false };
      },
    },
    verdictOn: (imageId) => {
      looks.push({ imageId, atMs: clock.now() });
      return answer(imageId);
    },
    atRest: () => atRest,
  });
});

function follow(...imageIds: number[]): void {
  for (const imageId of imageIds) checks.follow(imageId, () => heard.push(imageId));
}

test("photos are asked about one after the other, in the order of their arrival", async () => {
  let now = 0;
  answer = async () => {
    expect((now += 1)).toBe(1);
    await new Promise<void>((resolve) => clock.after(100, resolve));
    now -= 1;
    return passed;
  };
  follow(1, 2, 3);
  await clock.until(() => heard.length === 3);
  expect(heard).toEqual([1, 2, 3]);
  expect(looks[0]?.atMs).toBeGreaterThanOrEqual(500);
});

test("the longer there is no news, the more seldom, and the next in line has its turn", async () => {
  answer = () => Promise.resolve(undefined);
  follow(1, 2);
  await clock.advance(600_000);
  expect(looks.slice(0, 4).map(({ imageId }) => imageId)).toEqual([1, 2, 1, 2]);
  const waits = looks.map(({ atMs }, index) => atMs - (looks[index - 1]?.atMs ?? 0));
  expect(waits).toEqual([...waits].sort((a, b) => a - b));
  expect(looks.length).toBeLessThan(30);
});

test("once all is known nobody asks any more, until there is another photo", async () => {
  follow(1);
  await clock.advance(600_000);
  expect(looks).toHaveLength(1);
  follow(2);
  await clock.advance(10_000);
  expect(heard).toEqual([1, 2]);
});

test("nothing is asked while photos are being sent", async () => {
  follow(1, 2);
  atRest = false;
  await clock.advance(600_000);
  expect(looks).toEqual([]);
  atRest = true;
  checks.goOn();
  await clock.until(() => heard.length === 2);
});

test("where the server tells by itself, hardly anything is asked", async () => {
  tells = true;
  answer = () => Promise.resolve(undefined);
  follow(1, 2);
  await clock.advance(20_000);
  expect(looks).toHaveLength(0);
  news.listener?.heard(2, passed);
  news.listener?.heard(3, passed);
  expect([heard, news.isOpen]).toEqual([[2], true]);
  await clock.advance(100_000);
  expect(looks.length).toBeGreaterThan(1);
  expect(looks.length).toBeLessThan(5);
  news.listener?.heard(1, passed);
  expect([heard, news.isOpen]).toEqual([[2, 1], false]);
});

test("what its news leaves out is found out all the same", async () => {
  tells = true;
  follow(1);
  await clock.until(() => heard.length === 1);
  expect(clock.now()).toBeLessThan(60_000);
});

test("news of a photo that comes before its arrival is known here is not lost", () => {
  tells = true;
  follow(1);
  news.listener?.heard(2, passed);
  follow(2);
  expect(heard).toEqual([2]);
});

test("news of a photo that is being asked about is not lost", async () => {
  let undecided = (): void => {};
  answer = () => new Promise((resolve) => (undecided = () => resolve(undefined)));
  follow(1);
  await clock.until(() => looks.length === 1);
  news.listener?.heard(1, passed);
  expect(heard).toEqual([1]);
  undecided();
  await clock.advance(600_000);
  expect([heard, looks.length]).toEqual([[1], 1]);
});

test("what is heard twice of a photo is told once", async () => {
  let decided = (): void => {};
  answer = () => new Promise((resolve) => (decided = () => resolve(passed)));
  follow(1);
  await clock.until(() => looks.length === 1);
  news.listener?.heard(1, passed);
  decided();
  await clock.advance(1000);
  expect(heard).toEqual([1]);
});

test("when its news ends, asking begins at once", async () => {
  tells = true;
  follow(1);
  await clock.advance(1000);
  tells = false;
  news.isOpen = false;
  news.listener?.ended();
  await clock.until(() => heard.length === 1);
  expect(clock.now()).toBeLessThan(10_000);
});

test("while photos are being sent nobody listens", async () => {
  tells = true;
  follow(1);
  atRest = false;
  checks.goOn();
  expect(news.isOpen).toBe(false);
});
