import { expect, test } from "vitest";
import { newJob } from "./job.ts";
import { Queue } from "./queue.ts";

const job = (id: number, sizeBytes: number) => newJob({ id, sizeBytes, file: new File([], `${id}.jpg`) });
const take = (queue: Queue, count: number) => Array.from({ length: count }, () => queue.take()?.id);

test("files of one size go in the order picked", () => {
  const queue = new Queue();
  queue.add(job(1, 10), job(2, 10), job(3, 10), job(4, 10), job(5, 10));
  expect(take(queue, 6)).toEqual([1, 2, 3, 4, 5, undefined]);
});

test("small ones go before a large one, and it starves all the same not", () => {
  const queue = new Queue();
  queue.add(job(1, 1_000_000));
  for (let id = 2; id <= 100; id += 1) queue.add(job(id, 10));
  expect(take(queue, 5)).toEqual([2, 3, 4, 1, 5]);
});

test("a file is passed by few, however many smaller ones come after it", () => {
  const queue = new Queue();
  for (let id = 1; id <= 200; id += 1) queue.add(job(id, 1_000_000 - id));
  const order = take(queue, 200);
  expect(order.slice(0, 3)).toEqual([50, 51, 52]);
  for (const [place, id = 0] of order.entries()) expect(place).toBeLessThan(4 * id + 50);
});

test("one can be taken out, or all", () => {
  const queue = new Queue();
  queue.add(job(1, 1), job(2, 2), job(3, 3));
  expect(queue.remove(2)?.id).toBe(2);
  expect(queue.remove(2)).toBeUndefined();
  expect(queue.takeAll().map(({ id }) => id)).toEqual([1, 3]);
  expect(queue.take()).toBeUndefined();
});
