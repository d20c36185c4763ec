import { createHash } from "node:crypto";
import { environment } from "./environment.ts";

/**
 * A number from [0, 1) that belongs to these words: the same words and the same HASTY_TEST_SEED, the same number, however
 * things happen to be ordered.
 */
export function chance(...words: (string | number)[]): number {
  const digest = createHash("sha256")
    .update([environment.seed, ...words].join(" "))
    .digest();
  return digest.readUInt32BE() / 2 ** 32;
}
