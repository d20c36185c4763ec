import { rgbaToThumbHash } from "thumbhash";
import { expect, it } from "vitest";
import { thumbHashUrl } from "./thumb-hash.ts";

it("makes a picture of a ThumbHash, and none of anything else", () => {
  const red = new Uint8Array(4 * 4 * 4).fill(255).map((value, index) => (index % 4 === 1 ? 0 : value));
  const base64 = btoa(String.fromCharCode(...rgbaToThumbHash(4, 4, red)));
  expect(thumbHashUrl(base64)).toMatch(/^data:image\/png;base64,/);
  expect(thumbHashUrl(null)).toBeUndefined();
  expect(thumbHashUrl("")).toBeUndefined();
  expect(thumbHashUrl("not base64!")).toBeUndefined();
});
