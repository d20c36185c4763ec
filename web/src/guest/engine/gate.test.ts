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
