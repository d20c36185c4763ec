import { expect, test } from "vitest";
import { batched } from "./batch.ts";
import { ManualClock } from "./testing/manual-clock.ts";

/** A batcher of numbers into texts that takes a second for each batch, and what it was asked for. */
function slowBatcher(settings: { most: number; enough: number; lingerMs: number }) {
  const clock = new ManualClock();
  const batches: number[][] = [];
  const send = (items: number[]) => {
    batches.push(items);
    return new Promise<string[]>((resolve) => clock.after(1000, () => resolve(items.map(String))));
  };
  const ask = batched(send, { ...settings, lingerMs: () => settings.lingerMs, clock });
  return { clock, batches, ask };
}

test("each item gets its own answer, whatever batch it went in", async () => {
  const { clock, ask } = slowBatcher({ most: 3, enough: 3, lingerMs: 0 });
  const answers: string[] = [];
  for (const item of [1, 2, 3, 4, 5, 6, 7]) void ask(item).then((answer) => answers.push(answer));
  await clock.until(() => answers.length === 7);
  expect(answers).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
});

test("the first item does not wait for a full batch, and the next batch takes what came meanwhile", async () => {
  const { clock, batches, ask } = slowBatcher({ most: 50, enough: 8, lingerMs: 0 });
  void ask(1);
  await clock.advance(100);
  for (const item of [2, 3, 4]) void ask(item);
  await clock.advance(5000);
  expect(batches).toEqual([[1], [2, 3, 4]]);
});

test("a batch is never larger than allowed", async () => {
  const { clock, batches, ask } = slowBatcher({ most: 50, enough: 50, lingerMs: 0 });
  for (let item = 0; item < 120; item += 1) void ask(item);
  await clock.advance(10_000);
  expect(batches.map(({ length }) => length)).toEqual([50, 50, 20]);
});

test("items wait for company as long as they may, and no longer once there are enough", async () => {
  const { clock, batches, ask } = slowBatcher({ most: 50, enough: 3, lingerMs: 200 });
  void ask(1);
  await clock.advance(199);
  expect(batches).toEqual([]);
  await clock.advance(1);
  expect(batches).toEqual([[1]]);
  await clock.advance(2000);
  for (const item of [2, 3, 4]) void ask(item);
  await clock.advance(0);
  expect(batches).toEqual([[1], [2, 3, 4]]);
});

test("a failed batch fails its own items and no later ones", async () => {
  const clock = new ManualClock();
  let calls = 0;
  const send = (items: number[]) =>
    (calls += 1) === 1 ? Promise.reject(new Error("no")) : Promise.resolve(items);
  const ask = batched(send, { most: 1, enough: 1, lingerMs: () => 0, clock });
  const outcomes = Promise.allSettled([ask(1), ask(2)]);
  await clock.advance(10);
  expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
});
