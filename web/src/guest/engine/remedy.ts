import { type Failure, isFault } from "./failure.ts";
import type { Reason } from "./messages.ts";

/** How often a file has failed, by what was tried against it. */
export interface History {
  /** Failures of every kind, for the back-off. */
  failures: number;
  signedAgain: number;
  sentAgain: number;
  preparedAgain: number;
  /** PUTs in a row that broke without an answer. */
  unanswered: number;
  /** Times that our own server failed at it. */
  faults: number;
}

export const noHistory: Readonly<History> = {
  failures: 0,
  signedAgain: 0,
  sentAgain: 0,
  preparedAgain: 0,
  unanswered: 0,
  faults: 0,
};

export type Remedy =
  /** Wait, then go on where it stopped. */
  | { do: "repeat"; retryAfterMs?: number }
  /** Wait, then ask for another URL for the same image. */
  | { do: "sign_again" }
  /** Wait, then ask for a URL for a new image. */
  | { do: "start_over" }
  /** Read and hash the file again, as a new image. */
  | { do: "prepare_again" }
  | { do: "end"; state: "failed" | "skipped"; reason: Reason };

/** A URL that was signed this often in a row and is still refused is not a matter of its age. */
const MOST_SIGNED_AGAIN = 4;
/** Each of these costs the guest the whole file once more. */
const MOST_SENT_AGAIN = 4;

/** After this many PUTs without an answer their URL may be what is wrong. A new one costs a small request. */
const UNANSWERED_PER_URL = 3;

/** What to do about a failure. Only what time can heal is repeated without limit. */
export function remedyFor(failure: Failure, history: History): Remedy {
  switch (failure.kind) {
    case "transient":
      return failure.retryAfterMs === undefined
        ? { do: "repeat" }
        : { do: "repeat", retryAfterMs: failure.retryAfterMs };
    case "unanswered":
      return (history.unanswered + 1) % UNANSWERED_PER_URL === 0 ? { do: "sign_again" } : { do: "repeat" };
    case "url_refused":
      return history.signedAgain < MOST_SIGNED_AGAIN ? { do: "sign_again" } : failed(failure.reason);
    case "not_uploaded":
      return history.sentAgain < MOST_SENT_AGAIN ? { do: "sign_again" } : failed(failure.reason);
    case "image_gone":
      return history.signedAgain < MOST_SIGNED_AGAIN ? { do: "start_over" } : failed(failure.reason);
    case "changed":
      return history.preparedAgain === 0 ? { do: "prepare_again" } : failed({ code: "changed" });
    case "failed":
    case "skipped":
      return { do: "end", state: failure.kind, reason: failure.reason };
    case "link_ended":
      return failed({ code: "link_ended" });
  }
}

/** The history after this failure. */
export function remember(history: History, failure: Failure): History {
  const signedAgain = failure.kind === "url_refused" || failure.kind === "image_gone" ? 1 : 0;
  return {
    failures: history.failures + 1,
    signedAgain: history.signedAgain + signedAgain,
    sentAgain: history.sentAgain + (failure.kind === "not_uploaded" ? 1 : 0),
    preparedAgain: history.preparedAgain + (failure.kind === "changed" ? 1 : 0),
    unanswered: failure.kind === "unanswered" ? history.unanswered + 1 : 0,
    faults: history.faults + (isFault(failure) ? 1 : 0),
  };
}

function failed(reason: Reason): Remedy {
  return { do: "end", state: "failed", reason };
}
