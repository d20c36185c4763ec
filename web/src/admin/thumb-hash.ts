import { thumbHashToDataURL } from "thumbhash";

/** Header, and the lowest frequencies; a shorter one is none. Source: https://github.com/evanw/thumbhash */
const LEAST_BYTES = 5;

/** A blurred picture of some 32 pixels as a `data:` URL, from a ThumbHash in Base64; undefined where there is none. */
export function thumbHashUrl(base64: string | null): string | undefined {
  if (base64 === null) return undefined;
  try {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    return bytes.length < LEAST_BYTES ? undefined : thumbHashToDataURL(bytes);
  } catch {
    return undefined;
  }
}
