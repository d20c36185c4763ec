import { expect, test } from "vitest";
import { type Lock, WakeLock } from "./wake-lock.ts";

class Phone {
  visibilityState: DocumentVisibilityState = "visible";
  locks: (Lock & { released: boolean })[] = [];
  refuses = false;
  private listener = () => {};

  addEventListener(_type: "visibilitychange", listener: () => void): void {
    this.listener = listener;
  }

  request(): Promise<Lock> {
    if (this.refuses) return Promise.reject(new DOMException("low battery", "NotAllowedError"));
    const lock = {
      released: false,
      release: () => {
        lock.released = true;
        return Promise.resolve();
      },
    };
    this.locks.push(lock);
    return Promise.resolve(lock);
  }

  turn(visibility: DocumentVisibilityState): void {
    this.visibilityState = visibility;
    if (visibility === "hidden") for (const lock of this.locks) lock.released = true;
    this.listener();
  }

  get held(): number {
    return this.locks.filter(({ released }) => !released).length;
  }
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

test("the screen stays on while it is wanted, and no longer", async () => {
  const phone = new Phone();
  const lock = new WakeLock(phone, phone);
  lock.keep(true);
  lock.keep(true);
  await settled();
  expect(phone.held).toBe(1);
  lock.keep(false);
  await settled();
  expect(phone.held).toBe(0);
  expect(phone.locks).toHaveLength(1);
});

test("a page that was hidden takes the lock again when it is back", async () => {
  const phone = new Phone();
  const lock = new WakeLock(phone, phone);
  lock.keep(true);
  await settled();
  phone.turn("hidden");
  await settled();
  expect(phone.held).toBe(0);
  phone.turn("visible");
  await settled();
  expect(phone.held).toBe(1);
  lock.keep(false);
  await settled();
  phone.turn("hidden");
  phone.turn("visible");
  await settled();
  expect(phone.held).toBe(0);
});

test("a lock that comes when it is not wanted any more is let go", async () => {
  const phone = new Phone();
  const lock = new WakeLock(phone, phone);
  lock.keep(true);
  lock.keep(false);
  await settled();
  expect(phone.held).toBe(0);
});

test("a browser without locks, and one that refuses, hurt nothing", async () => {
  const none = new WakeLock(new Phone(), undefined);
  none.keep(true);
  const phone = new Phone();
  phone.refuses = true;
  const lock = new WakeLock(phone, phone);
  lock.keep(true);
  await settled();
  expect([none.isRefused, lock.isRefused]).toEqual([true, true]);
  phone.refuses = false;
  phone.turn("visible");
  await settled();
  expect([phone.held, lock.isRefused]).toEqual([1, false]);
});
