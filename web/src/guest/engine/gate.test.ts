import { expect, test } from "vitest";
import { Gate } from "./gate.ts";

test("tasks begin in order of arrival, as many at once as the gate is wide", async () => {
  const gate = new Gate(2);
  const begun: number[] = [];
  const finish: (() => void)[] = [];
  const task = (name: number) => () => {
    begun.push(name);
    return new Promise<void>((resolve) => finish.push(resolve));
  };
  const all = [1, 2, 3, 4].map((name) => gate.run(task(name)));
  expect(begun).toEqual([1, 2]);
  expect(gate.hasRoom).toBe(false);
  finish[1]?.();
  await all[1];
  await Promise.resolve();
  expect(begun).toEqual([1, 2, 3]);
  finish[0]?.();
  finish[2]?.();
  await Promise.all([all[0], all[2]]);
  finish[3]?.();
  await all[3];
  expect(gate.hasRoom).toBe(true);
});

test("a task that throws makes way for the next", async () => {
  const gate = new Gate(1);
  const failing = gate.run(() => Promise.reject(new Error("no")));
  const next = gate.run(() => Promise.resolve("next"));
  await expect(failing).rejects.toThrow("no");
  expect(await next).toBe("next");
});

test("a gate that is made narrower lets what runs run on, and one that is made wider lets more in at once", async () => {
  const gate = new Gate(6);
  let running = 0;
  const finish: (() => void)[] = [];
  const task = () => {
    running += 1;
    return new Promise<void>((resolve) => finish.push(resolve)).then(() => (running -= 1));
  };
  const afterOneEnds = async () => {
    finish.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
    return running;
  };
  for (let n = 0; n < 20; n += 1) void gate.run(task);
  expect(running).toBe(6);
  gate.resize(3);
  for (const left of [5, 4, 3, 3]) expect(await afterOneEnds()).toBe(left);
  gate.resize(1);
  for (const left of [2, 1, 1]) expect(await afterOneEnds()).toBe(left);
  gate.resize(6);
  await new Promise((resolve) => setImmediate(resolve));
  expect(running).toBe(6);
});

test("the second line waits behind the first, and has its turn all the same", async () => {
  const gate = new Gate(1);
  const begun: string[] = [];
  const task = (name: string) => () => Promise.resolve(begun.push(name));
  const lines = ["first", "second"] as const;
  const all = lines.flatMap((line) => [1, 2, 3, 4, 5].map((n) => gate.run(task(`${line} ${n}`), line)));
  await Promise.all(all);
  expect(begun.map((name) => name.replace("first ", "").replace("second ", "*"))).toEqual([
    ...["1", "2", "3", "4", "*1"],
    ...["5", "*2", "*3", "*4", "*5"],
  ]);
});
