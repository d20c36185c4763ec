import { formatBytes } from "../shared/bytes.ts";
import type { ConnectionState } from "./engine/messages.ts";
import type { Tally } from "./tally.ts";
import type { Text } from "./text/text.ts";

export type Phase = "idle" | "stored" | "handing_over" | "reading" | "sending" | "done" | "trouble" | "ended";

/** What the page says as a whole. */
export interface Summary {
  phase: Phase;
  headline: string;
  /** Why nothing moves: the connection, or the guest's own wish; the detail holds it too. */
  warning?: string;
  /** Sentences. */
  detail: string[];
  /** Of the document, for whoever looks at another tab. */
  title: string;
}

export interface Situation {
  tally: Tally;
  /** Of the whole invitation, as far as the server has told. */
  here: { stored: number; verified: number };
  connection: ConnectionState;
  /** What the device says. A hint only: a server on this very machine needs no network. */
  online: boolean;
  /** Picked files are still being listed. */
  reading: boolean;
  /** The device has yet to hand over what was chosen. */
  handingOver: boolean;
  /** How many of the last pick were in the list before. */
  alreadyListed: number;
  linkEnded: boolean;
  /** By the guest: nothing is being sent. */
  paused: boolean;
  /** Sending stops when another app is in front or the screen goes off. */
  keepInFront: boolean;
}

export function summarise(situation: Situation, text: Text): Summary {
  const phase = phaseOf(situation);
  const { saved, verified, total, failed } = situation.tally;
  switch (phase) {
    case "idle":
      return { phase, headline: "", detail: [], title: text.heading };
    case "stored": {
      const { stored, verified: found } = situation.here;
      return { phase, headline: text.storedHere(stored, found), detail: [], title: text.heading };
    }
    case "handing_over":
      return { phase, headline: text.handingOver, detail: [], title: text.heading };
    case "reading":
      return { phase, headline: text.reading, detail: [], title: text.heading };
    case "sending": {
      const warning = warningOf(situation, text);
      return {
        phase,
        headline: text.progress(saved, total),
        ...(warning === undefined ? {} : { warning }),
        detail: [...(warning === undefined ? [] : [warning]), ...underway(situation, text)],
        title: text.titleSending(saved, total),
      };
    }
    case "done": {
      const all = verified === saved ? text.allVerified : text.allSaved;
      const headline = saved === 0 ? text.nothingSaved : all(saved);
      const title = saved === 0 ? text.heading : text.titleDone(saved);
      return {
        phase,
        headline,
        detail: [...leftOut(situation, text), ...stillChecking(situation, text), text.mayClose],
        title,
      };
    }
    case "trouble":
      return {
        phase,
        headline: text.someSaved(saved, total),
        detail: [...leftOut(situation, text), ...stillChecking(situation, text)],
        title: text.titleTrouble(failed),
      };
    case "ended": {
      const detail = [...(total > 0 ? [text.someSaved(saved, total)] : []), text.askForLink];
      return { phase, headline: text.linkEnded, detail, title: text.linkEnded };
    }
  }
}

export function phaseOf({ tally, here, reading, handingOver, linkEnded }: Situation): Phase {
  if (linkEnded) return "ended";
  if (reading) return "reading";
  if (tally.pending > 0) return "sending";
  if (handingOver) return "handing_over";
  if (tally.total === 0 && tally.skipped.size === 0) return here.stored > 0 ? "stored" : "idle";
  return tally.failed > 0 ? "trouble" : "done";
}

function warningOf({ connection, online, paused }: Situation, text: Text): string | undefined {
  if (paused) return text.paused;
  if (connection === "steady") return undefined;
  if (connection === "full") return text.notSavedYet(text.reasons.storage_full) + text.stop.trimEnd();
  return online ? text.unsteady : text.offline;
}

function underway({ tally, alreadyListed, handingOver, keepInFront }: Situation, text: Text): string[] {
  const bytes = (n: number) => formatBytes(n, text.locale);
  return [
    text.sent(bytes(tally.sentBytes), bytes(tally.totalBytes)),
    ...(alreadyListed > 0 ? [text.alreadyListed(alreadyListed)] : []),
    ...(handingOver ? [text.handingOver] : []),
    keepInFront ? text.keepInFront : text.keepOpen,
  ];
}

function leftOut({ tally, alreadyListed }: Situation, text: Text): string[] {
  const skipped = Object.entries(text.skippedFor).flatMap(([code, sentence]) => {
    const count = tally.skipped.get(code as keyof Text["skippedFor"]) ?? 0;
    return count > 0 ? [sentence(count)] : [];
  });
  const unsent = tally.failed - tally.rejected;
  return [
    ...(unsent > 0 ? [text.couldNotBeSent(unsent)] : []),
    ...(tally.rejected > 0 ? [text.notAccepted(tally.rejected)] : []),
    ...skipped,
    ...(tally.alreadyHere > 0 ? [text.alreadyHere(tally.alreadyHere)] : []),
    ...(alreadyListed > 0 ? [text.alreadyListed(alreadyListed)] : []),
    ...(tally.withoutPlace > 0 ? [text.placeRemoved(tally.withoutPlace)] : []),
  ];
}

/** What is saved and not yet looked at may still turn out to be no photo. */
function stillChecking({ tally }: Situation, text: Text): string[] {
  return tally.unchecked > 0 ? [text.stillChecking(tally.unchecked)] : [];
}
