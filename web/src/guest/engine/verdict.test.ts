import { expect, test } from "vitest";
import { ManualClock } from "./testing/manual-clock.ts";
import { type Verdict, verdictOn } from "./verdict.ts";

const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });

/** What comes of this answer to the question about image 7. */
function verdictFrom(answer: () => Promise<Response> | Response): Promise<Verdict | undefined> {
  const fetch = async (path: RequestInfo | URL, init: RequestInit = {}) => {
    expect(path).toBe("/api/images/7/");
    expect(new Headers(init.headers).get("authorization")).toBe("Bearer token");
    return answer();
  };
  return verdictOn(7, {
    fetch,
    token: "token",
    clock: new ManualClock(),
    signal: new AbortController().signal,
  });
}

test("a photo that is ready has passed, with its warnings", async () => {
  const image = { state: "ready", warnings: ["cut_off"], rejection: null };
  expect(await verdictFrom(() => json(200, image))).toEqual({ is: "passed", warnings: ["cut_off"] });
});

test("a rejected one has the server's reason; only what was changed on its way is worth sending again", async () => {
  const image = (code: string) => ({ state: "rejected", warnings: [], rejection: { code, message: "No." } });
  expect(await verdictFrom(() => json(200, image("not_an_image")))).toEqual({
    is: "rejected",
    reason: { code: "rejected", message: "No.", rejection: "not_an_image" },
  });
  expect(await verdictFrom(() => json(200, image("wrong_hash")))).toEqual({
    is: "rejected",
    reason: { code: "refused", message: "No.", rejection: "wrong_hash" },
  });
});

test("one that the server has given up to look at is kept, and not asked about any more", async () => {
  const image = { state: "uploaded", warnings: ["not_examined"], rejection: null };
  expect(await verdictFrom(() => json(200, image))).toEqual({ is: "unexamined" });
});

test.each([
  ["a photo that was deleted", 404, "not_found"],
  ["a link that has ended", 403, "token_expired"],
])("of %s nothing more will be known", async (_, status, code) => {
  const verdict = await verdictFrom(() => json(status, { code, message: "No." }));
  expect(verdict).toEqual({ is: "unknowable" });
});

test.each([
  [
    "a photo that nobody has looked at",
    () => json(200, { state: "uploaded", warnings: [], rejection: null }),
  ],
  ["a server that is busy", () => json(503, { code: "busy", message: "Busy." })],
  ["a proxy that finds nothing", () => json(404, {})],
  ["the login page of a network", () => new Response("<html>")],
  ["a network that is down", () => Promise.reject(new TypeError("Failed to fetch"))],
])("%s is asked again later", async (_, answer) => expect(await verdictFrom(answer)).toBeUndefined());

test("an answer that does not come is not waited for", async () => {
  const clock = new ManualClock();
  const fetch = (_: RequestInfo | URL, { signal }: RequestInit = {}) =>
    new Promise<Response>((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
  let verdict: Verdict | "none" | undefined = "none";
  const asked = verdictOn(7, { fetch, token: "token", clock, signal: new AbortController().signal });
  void asked.then((answer) => (verdict = answer));
  await clock.advance(30_000);
  expect(verdict).toBeUndefined();
});
