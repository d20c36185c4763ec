import { beforeEach, describe, expect, test } from "vitest";
import type { PolicyRequest } from "../../shared/api.ts";
import { Connection } from "./connection.ts";
import { failureOf } from "./failure.ts";
import { type Server, serverAt } from "./server.ts";
import { ManualClock } from "./testing/manual-clock.ts";

const file = (filename: string): PolicyRequest => ({ filename, size: 1, type: "image/jpeg" });
const json = (status: number, body: unknown, headers?: Record<string, string>) =>
  new Response(JSON.stringify(body), { status, ...(headers ? { headers } : {}) });

interface Call {
  path: string;
  authorization: string | null;
  files: PolicyRequest[];
}

let clock: ManualClock;
let calls: Call[];
let answer: (call: Call, signal: AbortSignal) => Promise<Response> | Response;
let server: Server;
let lastSentAt: number;
let end: AbortController;

beforeEach(() => {
  clock = new ManualClock();
  calls = [];
  lastSentAt = 0;
  end = new AbortController();
  answer = ({ files }) => json(200, { files: files.map(({ filename }) => ({ url: filename })) });
  const connection = new Connection(
    clock,
    () => 0.5,
    () => {},
  );
  const fetch = async (path: RequestInfo | URL, init: RequestInit = {}) => {
    const { files = [] } = JSON.parse(String(init.body ?? "{}")) as { files?: PolicyRequest[] };
    const call = { path: String(path), authorization: new Headers(init.headers).get("authorization"), files };
    calls.push(call);
    return answer(call, init.signal as AbortSignal);
  };
  server = serverAt({
    fetch,
    token: "token",
    clock,
    connection,
    signal: end.signal,
    lastSentAt: () => lastSentAt,
  });
});

/** The answers, once enough time has passed. */
async function signing(...names: string[]): Promise<unknown[]> {
  const result = server.sign(names.map(file));
  let done = false;
  void result.finally(() => (done = true)).catch(() => {});
  await clock.until(() => done);
  return result;
}

describe("a call", () => {
  test("carries the token as a header and never in the URL", async () => {
    expect(await signing("a")).toEqual([{ url: "a" }]);
    expect(calls).toEqual([
      { path: "/api/files/policy/", authorization: "Bearer token", files: [file("a")] },
    ]);
  });

  test.each([
    ["a network that is down", () => Promise.reject(new TypeError("Failed to fetch"))],
    ["a server that is busy", () => json(503, { code: "busy", message: "Busy." })],
    ["a proxy's own page", () => new Response("<html>", { status: 502 })],
    ["the login page of a network", () => new Response("<html>", { status: 200 })],
    ["an answer that is too short", () => json(200, { files: [] })],
  ])("outlasts %s", async (_, trouble) => {
    const works = answer;
    answer = (call, signal) => (clock.now() < 10 * 60_000 ? trouble() : works(call, signal));
    expect(await signing("a")).toEqual([{ url: "a" }]);
    expect(calls.length).toBeGreaterThan(10);
  });

  test("waits as long as the server asks", async () => {
    const works = answer;
    answer = (call, signal) =>
      calls.length === 1
        ? json(429, { code: "busy", message: "" }, { "retry-after": "40" })
        : works(call, signal);
    await signing("a");
    expect(clock.now()).toBeGreaterThanOrEqual(40_000);
  });

  test("that is never answered is cut and repeated", async () => {
    const works = answer;
    answer = (call, signal) => (calls.length === 1 ? unanswered(signal) : works(call, signal));
    expect(await signing("a")).toEqual([{ url: "a" }]);
    expect(clock.now()).toBeGreaterThanOrEqual(30_000);
  });

  test("is not cut while photos still flow: it may be waiting behind them", async () => {
    answer = ({ files }, signal) => {
      const late = new Promise<Response>((resolve) =>
        clock.after(90_000, () => resolve(json(200, { files }))),
      );
      return Promise.race([late, unanswered(signal)]);
    };
    for (let second = 1; second < 90; second += 1)
      clock.after(second * 1000, () => (lastSentAt = clock.now()));
    await signing("a");
    expect(calls).toHaveLength(1);
  });
});

test("a call that photos flow past for minutes is lost, and repeated", async () => {
  const works = answer;
  answer = (call, signal) => (calls.length === 1 ? unanswered(signal) : works(call, signal));
  for (let second = 1; second < 600; second += 1)
    clock.after(second * 1000, () => (lastSentAt = clock.now()));
  await signing("a");
  expect(calls).toHaveLength(2);
  expect(clock.now()).toBeGreaterThanOrEqual(120_000);
  expect(clock.now()).toBeLessThan(150_000);
});

test("a removal waits behind photos that flow, too, and not for ever", async () => {
  const cutAt: number[] = [];
  answer = async (_, signal) => {
    const gone = new Promise<Response>((resolve) => {
      if (calls.length === 2) clock.after(90_000, () => resolve(new Response(null, { status: 204 })));
    });
    signal.addEventListener("abort", () => cutAt.push(clock.now()));
    return Promise.race([gone, unanswered(signal)]);
  };
  for (let second = 1; second < 600; second += 1)
    clock.after(second * 1000, () => (lastSentAt = clock.now()));
  let isGone: boolean | undefined;
  void server.takeBack(7).then((answer) => (isGone = answer));
  await clock.until(() => isGone !== undefined);
  expect([isGone, calls.length, cutAt]).toEqual([true, 2, [120_000]]);
});

function unanswered(signal: AbortSignal): Promise<Response> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}

describe("a refusal", () => {
  const failureFor = (...names: string[]) =>
    signing(...names).then(
      () => undefined,
      (cause: unknown) => failureOf(cause),
    );

  test("of the token ends it at once", async () => {
    answer = () => json(403, { code: "token_expired", message: "Expired." });
    expect(await failureFor("a", "b")).toEqual({ kind: "link_ended" });
    expect(calls).toHaveLength(1);
  });

  test("of the only file is its failure", async () => {
    answer = () => json(400, { code: "parse_error", message: "No." });
    expect(await failureFor("a")).toEqual({ kind: "failed", reason: { code: "refused", message: "No." } });
  });

  test("of a batch because of one file harms no other", async () => {
    const works = answer;
    answer = (call, signal) =>
      call.files.some(({ filename }) => filename === "bad")
        ? json(400, { code: "parse_error", message: "No." })
        : works(call, signal);
    expect(await signing("a", "b", "bad", "c", "d")).toEqual([
      { url: "a" },
      { url: "b" },
      { status: 400, code: "refused", message: "No." },
      { url: "c" },
      { url: "d" },
    ]);
  });

  test("of picks is one for all of them: there are too many", async () => {
    answer = () => json(409, { code: "too_many_picks", message: "No." });
    const picks = ["a", "b", "c"].map((name) => ({ name, size: 1, nth: 0 }));
    const failure = await server.remember(picks).then(() => undefined, failureOf);
    expect([failure?.kind, calls.length]).toEqual(["failed", 1]);
  });

  test("by a fault of the server, met again and again, is laid to the file that brings it about and to no other", async () => {
    const works = answer;
    answer = (call, signal) =>
      call.files.some(({ filename }) => filename === "bad")
        ? json(500, { code: "internal", message: "Something went wrong." })
        : works(call, signal);
    expect(await signing("a", "bad", "c")).toEqual([
      { url: "a" },
      { status: 500, code: "internal", message: "" },
      { url: "c" },
    ]);
    expect(await failureFor("bad")).toEqual({ kind: "transient", reason: { code: "unexpected" } });
  });

  test("is not what a fault that passes means", async () => {
    const works = answer;
    answer = (call, signal) =>
      calls.length < 5 ? json(500, { code: "internal", message: "No." }) : works(call, signal);
    expect(await signing("a", "b")).toEqual([{ url: "a" }, { url: "b" }]);
    expect(calls).toHaveLength(5);
  });

  test("comes from the engine itself once the link has ended", async () => {
    end.abort();
    expect(await failureFor("a")).toEqual({ kind: "link_ended" });
    expect(calls).toEqual([]);
  });
});

describe("parts of a large file", () => {
  test("are listed by a GET, and signed in the order asked", async () => {
    answer = ({ path }) =>
      path === "/api/files/7/parts/"
        ? json(200, { part_size: 8, parts: 3, stored: [{ number: 2, size: 8, etag: null }] })
        : json(200, { parts: [{ number: 1 }, { number: 3 }] });
    expect(await server.storedParts(7)).toEqual([2]);
    expect(await server.signParts(7, [{ number: 1 }, { number: 3 }])).toEqual([{ number: 1 }, { number: 3 }]);
    expect(calls.map(({ path }) => path)).toEqual(["/api/files/7/parts/", "/api/files/parts/"]);
    expect(calls.map(({ authorization }) => authorization)).toEqual(["Bearer token", "Bearer token"]);
  });

  test("are asked for again while the network or the server is at fault", async () => {
    let attempt = 0;
    answer = () => {
      attempt += 1;
      if (attempt === 1) throw new TypeError("Failed to fetch");
      if (attempt === 2) return json(503, { code: "busy", message: "later" });
      // Fewer than asked for are no answer.
      return json(200, { parts: attempt === 3 ? [] : [{ number: 1 }] });
    };
    const signing = server.signParts(7, [{ number: 1 }]);
    let done = false;
    void signing.finally(() => (done = true));
    await clock.until(() => done);
    expect([await signing, attempt]).toEqual([[{ number: 1 }], 4]);
  });

  test.each([
    [404, "not_found", "image_gone"],
    [409, "already_uploaded", "url_refused"],
    [400, "invalid_value", "failed"],
    [403, "token_expired", "link_ended"],
  ])("that are refused with %i %s are %s", async (status, code, kind) => {
    answer = () => json(status, { code, message: "no" });
    const failure = await server.storedParts(7).then(() => undefined, failureOf);
    expect([failure?.kind, calls.length]).toEqual([kind, 1]);
  });
});
