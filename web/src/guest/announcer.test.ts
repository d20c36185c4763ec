import { beforeEach, expect, test } from "vitest";
import { Announcer } from "./announcer.ts";
import type { Phase, Summary } from "./summary.ts";

let nowMs: number;
let spoken: string[];
let announcer: Announcer;

beforeEach(() => {
  nowMs = 0;
  spoken = [];
  announcer = new Announcer(
    () => nowMs,
    (words) => spoken.push(words),
  );
});

const summary = (phase: Phase, headline: string, warning?: string): Summary => ({
  phase,
  headline,
  detail: ["1 MB of 2 MB sent."],
  title: "",
  ...(warning === undefined ? {} : { warning }),
});

test("an upload of an hour is heard of ten times or so, not with every figure", () => {
  for (; nowMs < 3_600_000; nowMs += 1000) {
    announcer.hear(summary("sending", `${nowMs / 1000} of 3,600 photos saved`), nowMs / 3_600_000);
  }
  announcer.hear(summary("done", "All 3,600 photos are saved."), 1);
  expect(spoken.length).toBeGreaterThanOrEqual(10);
  expect(spoken.length).toBeLessThanOrEqual(12);
  expect(spoken[0]).toBe("0 of 3,600 photos saved");
  expect(spoken.at(-1)).toBe("All 3,600 photos are saved.");
});

test("a short upload is heard of at its begin and its end only", () => {
  announcer.hear(summary("idle", ""), 0);
  for (; nowMs < 10_000; nowMs += 100) announcer.hear(summary("sending", "sending"), nowMs / 10_000);
  announcer.hear(summary("done", "Your photo is saved."), 1);
  announcer.hear(summary("done", "Your photo is saved."), 1);
  expect(spoken).toEqual(["sending", "Your photo is saved."]);
});

test("each photo that is refused after all is heard of", () => {
  announcer.hear(summary("done", "All 3 photos are saved."), 1);
  announcer.hear(summary("trouble", "2 of 3 photos are saved."), 1);
  announcer.hear(summary("trouble", "2 of 3 photos are saved."), 1);
  announcer.hear(summary("trouble", "1 of 3 photos is saved."), 1);
  expect(spoken).toEqual(["All 3 photos are saved.", "2 of 3 photos are saved.", "1 of 3 photos is saved."]);
});

test("trouble with the connection is heard at once, and its end", () => {
  announcer.hear(summary("sending", "1 of 2"), 0);
  announcer.hear(summary("sending", "1 of 2", "You are offline."), 0);
  announcer.hear(summary("sending", "1 of 2", "You are offline."), 0);
  announcer.hear(summary("sending", "1 of 2"), 0);
  expect(spoken).toEqual(["1 of 2", "You are offline. 1 of 2", "1 of 2"]);
});
