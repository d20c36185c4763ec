import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { watchHandover } from "./handover.ts";

class Page extends EventTarget {
  visibilityState: DocumentVisibilityState = "visible";
}

let input: EventTarget, page: Page, window: EventTarget, told: boolean[];

beforeEach(() => {
  vi.useFakeTimers();
  [input, page, window, told] = [new EventTarget(), new Page(), new EventTarget(), []];
  watchHandover([input], { window, document: page }, (isOn) => told.push(isOn));
});
afterEach(() => vi.useRealTimers());

const say = (target: EventTarget, type: string) => target.dispatchEvent(new Event(type));

test.each([
  ["has the focus again", () => say(window, "focus")],
  ["is touched again", () => say(window, "pointerdown")],
  ["is seen again", () => say(page, "visibilitychange")],
])("begins when the page %s, and ends with the photos", (_, back) => {
  say(input, "click");
  back();
  vi.advanceTimersByTime(200);
  expect(told).toEqual([true]);
  say(input, "change");
  expect(told).toEqual([true, false]);
});

test("is not told of where the photos come at once, or none was chosen", () => {
  for (const answer of ["change", "cancel"]) {
    say(input, "click");
    say(window, "focus");
    say(input, answer);
    vi.advanceTimersByTime(200);
  }
  expect(told).toEqual([]);
});

test("ends where nothing is chosen, with a new picker, and after a minute", () => {
  const ends = [
    () => say(input, "cancel"),
    () => say(input, "click"),
    () => void vi.advanceTimersByTime(61_000),
  ];
  for (const end of ends) {
    say(input, "click");
    say(window, "focus");
    vi.advanceTimersByTime(200);
    end();
    expect(told.splice(0)).toEqual([true, false]);
  }
});

test("is not told of while the page is hidden, nor where no picker was open", () => {
  say(window, "focus");
  say(input, "click");
  page.visibilityState = "hidden";
  say(page, "visibilitychange");
  vi.advanceTimersByTime(200);
  expect(told).toEqual([]);
});
