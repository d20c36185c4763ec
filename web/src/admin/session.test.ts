import { expect, it } from "vitest";
import { ApiError } from "./owner-api.ts";
import { keyOf, Session, type SessionApi } from "./session.svelte.ts";

const unauthorised = new ApiError(401, "not_signed_in", "Sign in as the owner");
const unreachable = new ApiError(0, "unreachable", "The server cannot be reached.");

/** A server whose key is "right"; `cookie` says whether the browser holds a session. */
function sessionWith({ cookie = false, down = false } = {}) {
  const answer = (allowed: boolean) =>
    Promise[allowed && !down ? "resolve" : "reject"](down ? unreachable : unauthorised);
  const api: SessionApi = {
    signIn: (key) => answer(key === "right").then(() => undefined),
    signOut: () => answer(true).then(() => undefined),
    probe: () => answer(cookie),
  };
  return new Session(api);
}

it("finds the key in the sign-in link only", () => {
  expect(keyOf("#key=a_b-c")).toBe("a_b-c");
  expect(keyOf("#invitation/7")).toBeUndefined();
  expect(keyOf("")).toBeUndefined();
});

it("opens with the link's key", async () => {
  const session = sessionWith();
  await session.begin(" right\n");
  expect(session.state).toBe("signed_in");
});

it("says that a key is wrong", async () => {
  const session = sessionWith();
  await session.begin("wrong");
  expect(session.state).toBe("signed_out");
  expect(session.trouble).toMatch(/not the owner's/);
});

it("goes on with the browser's cookie, and else asks for the key without a reproach", async () => {
  const known = sessionWith({ cookie: true });
  await known.begin(undefined);
  expect(known.state).toBe("signed_in");
  const stranger = sessionWith();
  await stranger.begin(undefined);
  expect(stranger.state).toBe("signed_out");
  expect(stranger.trouble).toBeUndefined();
});

it("does not blame the key when the server is away", async () => {
  const session = sessionWith({ down: true });
  await session.begin("right");
  expect(session.trouble).toBe(unreachable.message);
});

it("says so when it ends by itself, and is silent when its owner ends it", async () => {
  const session = sessionWith({ cookie: true });
  await session.begin(undefined);
  session.lost();
  expect(session.state).toBe("signed_out");
  expect(session.trouble).toMatch(/over/);
  await session.signIn("right");
  await session.signOut();
  expect(session.state).toBe("signed_out");
  expect(session.trouble).toBeUndefined();
});
