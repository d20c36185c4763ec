import { describe, expect, it } from "vitest";
import type { Invitation } from "../shared/api.ts";
import { fragmentOf, routeOf } from "./route.ts";
import { cameraLine, dayWords, nameOf, photoCount, placeLine, relativeTime } from "./words.ts";
import { standingOf, turningPoint, typeWord, warningWords } from "./words.ts";

const NOW = Date.parse("2026-06-15T12:00:00.000000Z");

const invitation: Invitation = {
  token: "",
  email: "guest@example.com",
  created_at: "2026-06-10T12:00:00.000000Z",
  updated_at: "2026-06-10T12:00:00.000000Z",
  expires_at: "2026-06-17T12:00:00.000000Z",
  upload_link: "",
  id: "0a",
  title: null,
  message: null,
  revoked_at: null,
  location: "keep",
  max_files: null,
  max_bytes: null,
  image_count: 0,
  total_bytes: 0,
};

describe("time in words", () => {
  it.each([
    ["2026-06-22T11:59:59.000000Z", "in 7 days"],
    ["2026-06-15T12:00:20.000000Z", "in a moment"],
    ["2026-06-15T11:59:40.000000Z", "just now"],
    ["2026-06-15T11:45:00.000000Z", "15 minutes ago"],
    ["2026-06-15T14:00:00.000000Z", "in 2 hours"],
    ["2026-06-14T11:00:00.000000Z", "1 day ago"],
    ["2026-07-06T12:00:00.000000Z", "in 21 days"],
    ["2027-06-15T12:00:00.000000Z", "in 1 year"],
  ])("%s is %s", (at, words) => expect(relativeTime(at, NOW)).toBe(words));

  it("says of an invitation what matters now", () => {
    const revoked_at = "2026-06-14T12:00:00.000000Z";
    const expires_at = "2026-06-13T12:00:00.000000Z";
    expect(turningPoint(invitation, NOW).words).toBe("Ends");
    expect(turningPoint({ ...invitation, expires_at }, NOW)).toEqual({ words: "Ended", at: expires_at });
    expect(turningPoint({ ...invitation, expires_at, revoked_at }, NOW)).toEqual({
      words: "Revoked",
      at: revoked_at,
    });
    expect(standingOf({ ...invitation, expires_at: new Date(NOW).toISOString() }, NOW)).toBe("ended");
  });
});

describe("a photo in words", () => {
  it.each([
    ["Canon", "Canon EOS 40D", "2008-05-30T15:56:01", "Canon EOS 40D · May 30, 2008, 3:56 PM"],
    ["NIKON CORPORATION", "NIKON D70", null, "NIKON D70"],
    [
      "Apple",
      "iPhone 13 Pro Max",
      "2024-01-02T23:30:00.123456+09:00",
      "Apple iPhone 13 Pro Max · Jan 2, 2024, 11:30 PM",
    ],
    [null, null, "2008-05-30T15:56:01", "May 30, 2008, 3:56 PM"],
    ["Canon", null, "nonsense", "Canon"],
    [null, null, null, ""],
  ])("%s, %s, %s", (make, model, taken_at, line) => {
    // Intl puts a narrow no-break space before AM and PM.
    expect(cameraLine({ make, model, taken_at }).replaceAll("\u202f", " ")).toBe(line);
  });

  it.each([
    [48.85837, 2.294481, "48.8584° N, 2.2945° E"],
    [-33.86, -151, "33.86° S, 151° W"],
    [0, 0, "0° N, 0° E"],
    [null, null, ""],
  ])("at %s, %s", (latitude, longitude, line) => expect(placeLine({ latitude, longitude })).toBe(line));

  it("says what is wrong with it, known or not", () => {
    expect(warningWords("cut_off")).toBe("The file ends too early: its end is missing.");
    expect(warningWords("of_tomorrow")).toBe("The server noticed: of_tomorrow.");
  });

  it("names types that the browser cannot show", () => {
    expect(typeWord("image/heic")).toBe("HEIC");
    expect(typeWord(null)).toBe("");
  });
});

it("names a day as the server counts it, wherever the owner is", () => {
  expect(dayWords("2026-05-17")).toBe("May 17");
});

it("calls an invitation by its title, else by its e-mail", () => {
  expect(nameOf({ email: "guest@example.com", title: "Wedding" })).toBe("Wedding");
  expect(nameOf({ email: "guest@example.com", title: "  " })).toBe("guest@example.com");
  expect(photoCount(1)).toBe("1 photo");
  expect(photoCount(1234)).toBe("1,234 photos");
});

it("finds the view in the address, and leads anything unknown home", () => {
  const route = { view: "invitation", id: "a/b%" } as const;
  expect(routeOf(fragmentOf(route))).toEqual(route);
  expect(routeOf("#photos")).toEqual({ view: "photos" });
  expect(routeOf("#statistics")).toEqual({ view: "statistics" });
  expect(routeOf("#invitation/%zz")).toEqual({ view: "invitation", id: "%zz" });
  expect(routeOf("#elsewhere")).toEqual({ view: "invitations" });
});
