import { chance } from "./chance.ts";

/** What becomes of a request on its way. */
export type Fate =
  | "passed"
  /** The server never hears of it. */
  | "dropped"
  /** The server gets it and answers; the answer is lost. */
  | "unanswered"
  /** The connection breaks in the middle of its body, or of the answer's where it has none. */
  | "cut"
  /** Somebody on the way answers 503. */
  | "busy"
  /** In the middle of its body it comes to a halt for a while. */
  | "halted"
  /** Nothing moves any more until the browser gives it up. */
  | "hung";

/** A request as the network sees it. */
export interface Seen {
  method: string;
  path: string;
  /** SHA-256 of a photo, in base64: which photo it is. */
  checksum: string | undefined;
  sizeBytes: number;
  /** Counts from 1, for each photo and for each other path. */
  attempt: number;
}

export type Treatment = (seen: Seen) => Fate;

export const fair: Treatment = () => "passed";

/**
 * Lets each fate happen with its probability, and else lets pass. The fates of a photo are its own: they stay the same in
 * whichever order the requests come.
 */
export function foul(odds: Partial<Record<Fate, number>>): Treatment {
  return ({ method, path, checksum, attempt }) => {
    let left = chance(method, checksum ?? path, attempt);
    for (const [fate, probability] of Object.entries(odds)) {
      left -= probability;
      if (left < 0) return fate as Fate;
    }
    return "passed";
  };
}
