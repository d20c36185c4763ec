import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Missing } from "./missing.ts";
import { en } from "./text/en.ts";

const places = {
  section: { hidden: true },
  words: { textContent: "" },
  forget: { addEventListener: (_: string, listener: () => void) => (press = listener) },
};
let press: () => void;
/** What the server answers, by method. */
let answer: (method: string) => Promise<Response>;
let asked: string[];

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  answer = async () => Response.json({ picked: 0, arrived: 0, missing: [] });
  vi.stubGlobal("fetch", (_: string, { method }: { method: string }) => {
    asked.push(method);
    return answer(method);
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const opened = (picked: number, arrived: number) =>
  new Missing(
    places as unknown as ConstructorParameters<typeof Missing>[0],
    "token",
    { picked, arrived },
    en,
  );
const shown = () => (places.section.hidden ? undefined : places.words.textContent);
const stands = (picked: number, arrived: number) => async () =>
  Response.json({ picked, arrived, missing: [] });

test("says at once what the page was made with, and asks nobody", () => {
  opened(3, 1);
  expect([shown(), asked]).toEqual([en.missing(1, 3), []]);
  opened(3, 3);
  expect(shown()).toBeUndefined();
});

test("says nothing while photos are on their way, and asks once the server has heard of what was given up", async () => {
  const missing = opened(3, 1);
  missing.want(false);
  expect(shown()).toBeUndefined();
  answer = stands(3, 2);
  missing.want(true);
  missing.speak(en);
  await vi.advanceTimersByTimeAsync(1000);
  expect([shown(), asked]).toEqual([undefined, []]);
  await vi.advanceTimersByTimeAsync(1000);
  expect([shown(), asked]).toEqual([en.missing(2, 3), ["GET"]]);
});

test("does not ask where there is new work by then, nor believe an answer that is late", async () => {
  const missing = opened(3, 3);
  missing.want(false);
  missing.want(true);
  missing.want(false);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked).toEqual([]);
  let late = (_: Response) => {};
  answer = () => new Promise((resolve) => (late = resolve));
  missing.want(true);
  await vi.advanceTimersByTimeAsync(2000);
  missing.want(false);
  late(await stands(9, 1)());
  await vi.advanceTimersByTimeAsync(0);
  missing.want(true);
  expect([shown(), asked]).toEqual([undefined, ["GET"]]);
});

test("a page of an earlier day learns where it stands", async () => {
  const missing = opened(3, 1);
  answer = stands(3, 3);
  await missing.ask();
  expect(shown()).toBeUndefined();
  answer = () => Promise.reject(new TypeError("Failed to fetch"));
  await opened(3, 1).ask();
  expect(shown()).toBe(en.missing(1, 3));
});

test("forgets what is not needed", async () => {
  opened(3, 1);
  answer = (method) =>
    method === "DELETE" ? Promise.resolve(new Response(null, { status: 204 })) : stands(1, 1)();
  press();
  await vi.advanceTimersByTimeAsync(0);
  expect([shown(), asked]).toEqual([undefined, ["DELETE", "GET"]]);
});
