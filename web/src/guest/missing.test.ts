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
let changes: number;

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  changes = 0;
  answer = stands(0, 0);
  vi.stubGlobal("fetch", (_: string, { method }: { method: string }) => {
    asked.push(method);
    return answer(method);
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const opened = (picked: number, arrived: number, stored = arrived, verified = stored) =>
  new Missing(
    places as unknown as ConstructorParameters<typeof Missing>[0],
    "token",
    { picked, arrived, stored, verified },
    en,
    () => (changes += 1),
  );
const shown = () => (places.section.hidden ? undefined : places.words.textContent);
const stands =
  (picked: number, arrived: number, stored = arrived, verified = stored) =>
  async () =>
    Response.json({ picked, arrived, stored, verified, missing: [] });

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

test("knows what is here, and asks until all of it is verified", async () => {
  const missing = opened(5, 5, 5, 2);
  expect([missing.here, shown()]).toEqual([expect.objectContaining({ stored: 5, verified: 2 }), undefined]);
  answer = stands(5, 5, 5, 4);
  await vi.advanceTimersByTimeAsync(10_000);
  expect([missing.here.verified, changes]).toEqual([4, 1]);
  answer = stands(5, 5, 5, 5);
  await vi.advanceTimersByTimeAsync(20_000);
  expect([missing.here.verified, changes]).toEqual([5, 2]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toEqual(["GET", "GET"]);
});

test("asks ever more seldom about what may never be verified", async () => {
  opened(5, 5, 5, 4);
  answer = stands(5, 5, 5, 4);
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(asked).toHaveLength(8);
});

test("knows nothing of what is here while photos are on their way", async () => {
  const missing = opened(5, 5, 5, 2);
  missing.want(false);
  await vi.advanceTimersByTimeAsync(60_000);
  expect([missing.here.stored, asked]).toEqual([0, []]);
});
