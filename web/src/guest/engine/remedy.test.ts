import { expect, test } from "vitest";
import type { Failure } from "./failure.ts";
import { noHistory, remedyFor, remember } from "./remedy.ts";

const reason = { code: "refused", message: "no" } as const;

/** What is done about the same failure, time after time, until it ends (at most 100 times). */
function remediesFor(failure: Failure): string[] {
  const remedies: string[] = [];
  for (let history = noHistory; remedies.length < 100; history = remember(history, failure)) {
    const remedy = remedyFor(failure, history);
    remedies.push(remedy.do);
    if (remedy.do === "end") break;
  }
  return remedies;
}

test("what time can heal is repeated without limit", () => {
  expect(remediesFor({ kind: "transient" })).toEqual(Array(100).fill("repeat"));
});

test("a PUT without an answer is repeated without limit, every third time with a new URL", () => {
  expect(remediesFor({ kind: "unanswered" }).slice(0, 6)).toEqual([
    "repeat",
    "repeat",
    "sign_again",
    "repeat",
    "repeat",
    "sign_again",
  ]);
  expect(remediesFor({ kind: "unanswered" })).toHaveLength(100);
  const answered = remember(remember(noHistory, { kind: "unanswered" }), { kind: "transient" });
  expect(answered.unanswered).toBe(0);
});

test("a refused URL is signed again four times", () => {
  expect(remediesFor({ kind: "url_refused", reason })).toEqual([...Array(4).fill("sign_again"), "end"]);
});

test("a file that never arrives is sent again four times, for each costs the guest its bytes", () => {
  expect(remediesFor({ kind: "not_uploaded", reason })).toEqual([...Array(4).fill("sign_again"), "end"]);
});

test("a lost image is started over, a changed file is read again once", () => {
  expect(remediesFor({ kind: "image_gone", reason })).toEqual([...Array(4).fill("start_over"), "end"]);
  expect(remediesFor({ kind: "changed" })).toEqual(["prepare_again", "end"]);
});

test("what is final ends at once, with its state and reason", () => {
  const skipped: Failure = { kind: "skipped", reason: { code: "empty" } };
  expect(remedyFor(skipped, noHistory)).toEqual({ do: "end", state: "skipped", reason: { code: "empty" } });
  expect(remediesFor({ kind: "failed", reason })).toEqual(["end"]);
  expect(remediesFor({ kind: "link_ended" })).toEqual(["end"]);
});

test("one kind of failure does not use up the tries of another", () => {
  let history = noHistory;
  for (let n = 0; n < 50; n += 1) history = remember(history, { kind: "transient" });
  expect(remedyFor({ kind: "url_refused", reason }, history).do).toBe("sign_again");
  expect(history.failures).toBe(50);
});
