import { expect, test } from "vitest";
import { Backlog, inSlices } from "./slices.ts";

/** The slices of `count` items of which each takes `costMs` to measure. */
async function slices(count: number, costMs: number): Promise<number[][]> {
  let time = 0;
  const taken: number[][] = [];
  const measure = (item: number) => {
    time += costMs;
    return item;
  };
  const items = Array.from({ length: count }, (_, index) => index);
  const tasks = { now: () => time, nextTask: () => Promise.resolve() };
  await inSlices(items, measure, (slice) => taken.push(slice), tasks);
  return taken;
}

test("no slice has more than fifty, none is lost and the order stays", async () => {
  const taken = await slices(120, 0.1);
  expect(taken.map(({ length }) => length)).toEqual([50, 50, 20]);
  expect(taken.flat()).toEqual(Array.from({ length: 120 }, (_, index) => index));
});

test("slow files make smaller slices", async () => {
  expect((await slices(10, 4)).map(({ length }) => length)).toEqual([3, 3, 3, 1]);
  expect((await slices(2, 500)).map(({ length }) => length)).toEqual([1, 1]);
});

test("nothing makes no slice", async () => {
  expect(await slices(0, 1)).toEqual([]);
});

test("a backlog is taken at once, fifty in a task, in the order in which it came", async () => {
  const taken: number[][] = [];
  let goOn = () => {};
  const nextTask = () => new Promise<void>((resolve) => (goOn = resolve));
  const backlog = new Backlog<number>((slice) => taken.push(slice), { nextTask });
  const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);
  backlog.add([0]);
  expect(taken).toEqual([[0]]);
  backlog.add(numbers(1, 121));
  backlog.add([121]);
  expect(taken).toHaveLength(2);
  for (let task = 0; task < 3; task += 1) {
    goOn();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(taken.map(({ length }) => length)).toEqual([1, 50, 50, 21]);
  expect(taken.flat()).toEqual(numbers(0, 122));
});
