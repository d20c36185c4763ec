import { formatBytes } from "../../shared/bytes.ts";
import type { Reason, Report } from "../engine/messages.ts";
import type { Text } from "./text.ts";

/** Of the server's codes those that are a guest's concern: there may be a better copy, or it is too early to delete theirs. */
const NOTES: Record<string, "incomplete" | "damaged" | "unexamined"> = {
  cut_off: "incomplete",
  preview_partial: "incomplete",
  broken_container: "damaged",
  preview_damaged: "damaged",
  not_examined: "unexamined",
};

export function reasonInWords(reason: Reason, text: Text): string {
  switch (reason.code) {
    case "too_large":
      return text.largerThan(formatBytes(reason.maxBytes, text.locale));
    case "quota_full":
      return [text.reasons.quota_full, ...limitsInWords(reason, text)].join(text.stop);
    case "refused":
    case "rejected":
      return rejectionInWords(reason.rejection, text) ?? reason.message;
    // Its row goes.
    case "cancelled":
      return "";
    case "storage_refused":
      return text.storageRefused(reason.error);
    default:
      return text.reasons[reason.code];
  }
}

/** The most that an invitation takes; null and undefined: no limit that is known. */
export function limitsInWords(
  { maxFiles, maxBytes }: { maxFiles?: number | null | undefined; maxBytes?: number | null | undefined },
  text: Text,
): string[] {
  return [
    ...(typeof maxFiles === "number" ? [text.takesFiles(maxFiles)] : []),
    ...(typeof maxBytes === "number" ? [text.takesBytes(formatBytes(maxBytes, text.locale))] : []),
  ];
}

/** Undefined for what only the server's own words tell. */
function rejectionInWords(code: string | undefined, { rejections }: Text): string | undefined {
  return Object.entries(rejections).find(([known]) => known === code)?.[1];
}

/** What there is to say of a file that is kept all the same, each thing once; nothing that nobody need know. */
export function notesInWords({ warnings = [], notTakenBack }: Report, text: Text): string[] {
  const notes = warnings.map((warning) => NOTES[warning]).filter((note) => note !== undefined);
  return [...(notTakenBack ? [text.notTakenBack] : []), ...[...new Set(notes)].map((note) => text[note])];
}

/** Fills the elements that name a text by `data-text`, those in templates too. */
export function fillIn(root: ParentNode, text: Text): void {
  for (const element of root.querySelectorAll<HTMLElement>("[data-text]")) {
    const words = text[element.dataset["text"] as keyof Text];
    if (typeof words === "string") element.textContent = words;
  }
  for (const template of root.querySelectorAll("template")) fillIn(template.content, text);
}
