import { describe, expect, it } from "vitest";
import { ApiError, imagesPath, nextPath, OwnerApi } from "./owner-api.ts";

interface Call {
  path: string;
  method: string | undefined;
  body: unknown;
}

/** The owner's API before a server that gives these answers, one after the other. */
function ownerWith(...answers: (Response | Error)[]) {
  const calls: Call[] = [];
  const seen = { signedOut: 0 };
  const fetch = ((path: string, init?: RequestInit) => {
    calls.push({ path, method: init?.method, body: init?.body });
    const answer = answers.shift() ?? new Error("nobody expected this call");
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  }) as typeof globalThis.fetch;
  return { api: new OwnerApi(fetch, () => (seen.signedOut += 1)), calls, seen };
}

const json = (body: unknown, init?: ResponseInit) => new Response(JSON.stringify(body), init);

describe("the owner's calls", () => {
  it("invite, and learn from the Location which invitation it is", async () => {
    const headers = { location: "/api/invitation/0a-1b/" };
    const { api, calls } = ownerWith(json({ token: "t" }, { status: 201, headers }));
    expect(await api.invite({ email: "guest@example.com", expires_in_days: 3 })).toBe("0a-1b");
    expect(calls).toEqual([
      { path: "/api/invitation/", method: "POST", body: '{"email":"guest@example.com","expires_in_days":3}' },
    ]);
  });

  it("fail in the server's own words", async () => {
    const refusal = { error_message: "x", code: "invalid_email", message: "This is not a valid email" };
    const { api, seen } = ownerWith(json(refusal, { status: 409 }));
    const failure = await api.invite({ email: "nobody" }).catch((cause: unknown) => cause);
    expect(failure).toBeInstanceOf(ApiError);
    expect(failure).toMatchObject({ status: 409, code: "invalid_email", message: refusal.message });
    expect(seen.signedOut).toBe(0);
  });

  it("tell that the session is over, whatever was asked", async () => {
    const refusal = { code: "not_signed_in", message: "Sign in as the owner" };
    const forGuests = { code: "token_missing", message: "access_token cannot be None" };
    const { api, seen } = ownerWith(json(refusal, { status: 401 }), json(forGuests, { status: 403 }));
    await expect(api.revoke("0a")).rejects.toMatchObject({ status: 401 });
    await expect(api.page(imagesPath())).rejects.toMatchObject({ status: 403 });
    expect(seen.signedOut).toBe(2);
  });

  it("name a server that cannot be reached, and an answer that is somebody else's", async () => {
    const { api } = ownerWith(
      new TypeError("Failed to fetch"),
      new Response("<h1>Wi-Fi</h1>", { status: 502 }),
    );
    await expect(api.invitation("0a")).rejects.toMatchObject({ status: 0, code: "unreachable" });
    await expect(api.invitation("0a")).rejects.toMatchObject({ status: 502, code: "unreadable" });
  });

  it("do not take a login page for a list", async () => {
    const { api } = ownerWith(new Response("<h1>Wi-Fi</h1>"));
    await expect(api.page(imagesPath())).rejects.toMatchObject({ status: 200, code: "unreadable" });
  });
});

describe("photos and what is counted of them", () => {
  it("are changed, deleted and counted by their paths", async () => {
    const { api, calls } = ownerWith(
      json({ id: "0a", location: "strip" }),
      json({ id: 7 }),
      new Response(null, { status: 204 }),
      json({ total: { images: 1, bytes: 2 } }),
      json({ total: { images: 3, bytes: 4 } }),
    );
    expect(await api.change("0a", { location: "strip" })).toMatchObject({ location: "strip" });
    expect(await api.image(7)).toEqual({ id: 7 });
    await api.deleteImage(7);
    expect((await api.stats("0a")).total.images).toBe(1);
    expect((await api.stats()).total.images).toBe(3);
    expect(calls.map(({ method, path, body }) => [method, path, body])).toEqual([
      ["PATCH", "/api/invitation/0a/", '{"location":"strip"}'],
      ["GET", "/api/images/7/", undefined],
      ["DELETE", "/api/images/7/", undefined],
      ["GET", "/api/stats/?invitation=0a", undefined],
      ["GET", "/api/stats/", undefined],
    ]);
  });
});

describe("pages of a list", () => {
  it("come with the path of the next", async () => {
    const link = '</api/images?limit=60&after=5_7>; rel="next"';
    const { api } = ownerWith(json([{ id: 7 }], { headers: { link } }), json([]));
    expect(await api.page(imagesPath())).toEqual({
      items: [{ id: 7 }],
      next: "/api/images?limit=60&after=5_7",
    });
    expect(await api.page("/api/images?limit=60&after=5_7")).toEqual({ items: [], next: undefined });
  });

  it("never lead to another server", () => {
    expect(nextPath('<https://example.org/api/images>; rel="next"')).toBeUndefined();
    expect(nextPath('<//example.org/api/images>; rel="next"')).toBeUndefined();
    expect(nextPath('</api/images>; rel="prev"')).toBeUndefined();
  });

  it("name the invitation safely", () => {
    expect(imagesPath("a&limit=9")).toBe("/api/images/?limit=60&invitation=a%26limit%3D9");
  });
});
