import { formatBytes } from "../shared/bytes.ts";
import type { Reason, State } from "./engine/messages.ts";

/** Everything the guest's page says, in one language. Plain texts may be named by `data-text` in guest.html. */
export interface Text {
  /** BCP 47, for numbers and dates. */
  locale: string;
  heading: string;
  choosePhotos: string;
  chooseFolder: string;
  dropHint: string;
  dropHere: string;
  fullQuality: string;
  needsScript: string;
  yourPhotos: string;
  retry: string;
  retryAll: string;
  linkWorksUntil(date: string): string;
  retryOne(name: string): string;
  notSaved(count: number): string;
  skippedFiles(count: number): string;
  state(state: State, percent: number): string;
  retrying: string;
  checked: string;
  alreadyHereOne: string;
  /** What the server found wrong with a file that is kept all the same; empty where nobody need know. */
  note(warning: string): string;
  failed(reason: string): string;
  rejected(reason: string): string;
  skipped(reason: string): string;
  reason(reason: Reason): string;
  reading: string;
  alreadyListed(count: number): string;
  alreadyHere(count: number): string;
  stillChecking(count: number): string;
  progress(saved: number, total: number): string;
  sent(sent: string, total: string): string;
  keepOpen: string;
  unsteady: string;
  offline: string;
  allSaved(count: number): string;
  someSaved(saved: number, total: number): string;
  nothingSaved: string;
  couldNotBeSent(count: number): string;
  notAccepted(count: number): string;
  skippedFor: Record<"not_a_photo" | "empty" | "too_large", (count: number) => string>;
  mayClose: string;
  linkEnded: string;
  askForLink: string;
  titleSending(saved: number, total: number): string;
  titleDone(count: number): string;
  titleTrouble(count: number): string;
}

const plurals = new Intl.PluralRules("en");
const numbers = new Intl.NumberFormat("en");
const count = (n: number, one: string, other: string) =>
  `${numbers.format(n)} ${plurals.select(n) === "one" ? one : other}`;

const INCOMPLETE = "The file seems to be incomplete; it is kept as it is.";
const DAMAGED = "The file seems to be damaged; it is kept as it is.";
/** Of the server's codes those that a guest can do something about: look whether there is a better copy. */
const NOTES: Record<string, string> = {
  cut_off: INCOMPLETE,
  preview_partial: INCOMPLETE,
  broken_container: DAMAGED,
  preview_damaged: DAMAGED,
};

export const en: Text = {
  locale: "en",
  heading: "Send your photos",
  choosePhotos: "Choose photos",
  chooseFolder: "Choose a folder",
  dropHint: "or drop photos and folders anywhere on this page",
  dropHere: "Drop your photos here",
  fullQuality: "Your photos are sent as they are, in full quality.",
  needsScript: "This page needs JavaScript to send your photos.",
  yourPhotos: "Your photos",
  retry: "Retry",
  retryAll: "Retry all",
  linkWorksUntil: (date) => `This link works until ${date}.`,
  retryOne: (name) => `Retry ${name}`,
  notSaved: (n) => `Not saved: ${count(n, "file", "files")}`,
  skippedFiles: (n) => `Skipped: ${count(n, "file", "files")}`,
  state: (state, percent) => {
    if (state === "uploading") return `Sending, ${percent} %`;
    const words = { queued: "Waiting", preparing: "Preparing", saving: "Saving", saved: "Saved" };
    return state in words ? words[state as keyof typeof words] : "";
  },
  retrying: "Interrupted, trying again",
  checked: "Saved and checked",
  alreadyHereOne: "Already here",
  note: (warning) => NOTES[warning] ?? "",
  failed: (reason) => `Not sent: ${reason}`,
  rejected: (reason) => `Not accepted: ${reason}`,
  skipped: (reason) => `Skipped: ${reason}`,
  reason: (reason) => {
    switch (reason.code) {
      case "not_a_photo":
        return "not a photo";
      case "empty":
        return "the file is empty";
      case "unreadable":
        return "the file cannot be read; it may have been moved, changed or deleted";
      case "file_not_read":
        return "the file cannot be read; please choose it again";
      case "folder_not_read":
        return "part of this folder could not be read; please choose it again";
      case "changed":
        return "the file changed while it was being sent";
      case "link_ended":
        return "the link has ended";
      case "storage_full":
        return "the storage of this event is full; please ask the person who invited you";
      case "not_loaded":
        return "the page could not load all that it needs; check your connection and try again";
      case "unexpected":
        return "something unexpected went wrong";
      case "too_large":
        return `larger than ${formatBytes(reason.maxBytes, "en")}`;
      case "refused":
      case "rejected":
        return reason.message;
      case "storage_refused":
        return `the storage refused it (${reason.error})`;
    }
  },
  reading: "Reading what you chose…",
  alreadyListed: (n) => `${count(n, "photo was", "photos were")} already in the list.`,
  alreadyHere: (n) => `${count(n, "photo was", "photos were")} already here and not sent again.`,
  stillChecking: (n) => `${count(n, "photo is", "photos are")} still being checked.`,
  progress: (saved, total) => `${numbers.format(saved)} of ${count(total, "photo", "photos")} saved`,
  sent: (sent, total) => `${sent} of ${total} sent.`,
  keepOpen: "Keep this page open until all are saved.",
  unsteady: "The connection is unsteady. Sending goes on by itself.",
  offline: "You are offline. Sending goes on by itself as soon as you are connected again.",
  allSaved: (n) => (n === 1 ? "Your photo is saved." : `All ${numbers.format(n)} photos are saved.`),
  someSaved: (saved, total) =>
    `${numbers.format(saved)} of ${count(total, "photo", "photos")} ${saved === 1 ? "is" : "are"} saved.`,
  nothingSaved: "No photo was sent.",
  couldNotBeSent: (n) => `${count(n, "file", "files")} could not be sent.`,
  notAccepted: (n) => `${count(n, "file was", "files were")} not accepted.`,
  skippedFor: {
    not_a_photo: (n) =>
      `${count(n, "file was not a photo and was", "files were not photos and were")} skipped.`,
    empty: (n) => `${count(n, "file was empty and was", "files were empty and were")} skipped.`,
    too_large: (n) => `${count(n, "file was too large and was", "files were too large and were")} skipped.`,
  },
  mayClose: "You can close this page, or choose more.",
  linkEnded: "This link has ended.",
  askForLink: "Please ask whoever invited you for a new link.",
  titleSending: (saved, total) => `${saved}/${total} saved`,
  titleDone: (n) => `✓ ${count(n, "photo", "photos")} saved`,
  titleTrouble: (n) => `⚠ ${count(n, "file", "files")} not saved`,
};
