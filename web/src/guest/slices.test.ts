import { expect, test } from "vitest";
import { Backlog, inSlices } from "./slices.ts";

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

/** A page on which work on one item takes `costMs`, and whose next task begins when the test says so. */
function pageWhere(costMs: number) {
  let time = 0;
  let slice: number[] = [];
  let goOn = () => {};
  const slices: number[][] = [];
  return {
    slices,
    work: (item: number) => {
      time += costMs;
      slice.push(item);
    },
    endSlice: () => {
      slices.push(slice);
      slice = [];
    },
    tasks: { now: () => time, nextTask: () => new Promise<void>((resolve) => (goOn = resolve)) },
    goOn: async () => {
      goOn();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/** The slices in which `count` items are worked on, of which each takes `costMs`. */
async function slicesOf(count: number, costMs: number): Promise<number[][]> {
  const { slices, work, endSlice, tasks } = pageWhere(costMs);
  await inSlices(numbers(0, count), work, endSlice, { ...tasks, nextTask: () => Promise.resolve() });
  return slices;
}

test("a slice ends when its time is used up, none is lost and the order stays", async () => {
  const slices = await slicesOf(120, 0.5);
  expect(slices.map(({ length }) => length)).toEqual([40, 40, 40]);
  expect(slices.flat()).toEqual(numbers(0, 120));
});

test("a slow device gets smaller slices", async () => {
  expect((await slicesOf(12, 4)).map(({ length }) => length)).toEqual([5, 5, 2]);
  expect((await slicesOf(2, 500)).map(({ length }) => length)).toEqual([1, 1]);
});

test("a quick device gets slices of fifty at most", async () => {
  expect((await slicesOf(120, 0)).map(({ length }) => length)).toEqual([50, 50, 20]);
});

test("nothing makes no slice", async () => {
  expect(await slicesOf(0, 1)).toEqual([]);
});

test("a backlog is worked on at once, a slice in a task, in the order in which it came", async () => {
  const { slices, work, endSlice, tasks, goOn } = pageWhere(0.5);
  const backlog = new Backlog<number>(work, endSlice, tasks);
  backlog.add([0]);
  expect(slices).toEqual([[0]]);
  // What the first one came with has ended.
  await goOn();
  backlog.add(numbers(1, 101));
  backlog.add([101]);
  expect(slices).toHaveLength(2);
  for (let task = 0; task < 3; task += 1) await goOn();
  expect(slices.map(({ length }) => length)).toEqual([1, 40, 40, 20, 1]);
  expect(slices.flat()).toEqual(numbers(0, 102));
});
