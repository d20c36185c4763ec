import type { Reason, State } from "../engine/messages.ts";

/** The reasons that need no more than their code to be told. */
export type PlainReason = Exclude<
  Reason["code"],
  "too_large" | "refused" | "rejected" | "storage_refused" | "cancelled"
>;
/** The server's codes for why it does not keep a file. */
export type Rejection = "not_an_image" | "wrong_hash" | "too_many_pixels";
/** The states that need no more than their name. */
export type PlainState = Exclude<State, "uploading" | "failed" | "skipped">;

/** Everything the guest's page says, in one language. Plain texts may be named by `data-text` in guest.html. */
export interface Text {
  /** BCP 47, for numbers and dates. */
  locale: string;
  direction: "ltr" | "rtl";
  heading: string;
  choosePhotos: string;
  takePhoto: string;
  chooseFolder: string;
  dropHint: string;
  dropHere: string;
  fullQuality: string;
  needsScript: string;
  yourPhotos: string;
  retry: string;
  retryAll: string;
  pause: string;
  resume: string;
  linkWorksUntil(date: string): string;
  /** The most that the invitation takes. */
  takesFiles(count: number): string;
  takesBytes(size: string): string;
  retryOne(name: string): string;
  cancelOne(name: string): string;
  takeBack: string;
  keep: string;
  takeBackOne(name: string): string;
  takeBackQuestion(name: string): string;
  notTakenBack: string;
  notSaved(count: number): string;
  skippedFiles(count: number): string;
  states: Record<PlainState, string>;
  /** `share` is from 0 to 1. */
  uploading(share: number): string;
  retrying: string;
  /** Of what is tried again until it helps. */
  notSavedYet(reason: string): string;
  checked: string;
  alreadyHereOne: string;
  /** Ends words that have no full stop of their own, where a sentence follows. */
  stop: string;
  incomplete: string;
  damaged: string;
  unexamined: string;
  failed(reason: string): string;
  rejected(reason: string): string;
  skipped(reason: string): string;
  reasons: Record<PlainReason, string>;
  rejections: Record<Rejection, string>;
  largerThan(size: string): string;
  storageRefused(error: string): string;
  /** By another app, with the page on the home screen. */
  shareFailed: string;
  reading: string;
  handingOver: string;
  alreadyListed(count: number): string;
  alreadyHere(count: number): string;
  stillChecking(count: number): string;
  /** By the device, before this page was given them. */
  placeRemoved(count: number): string;
  progress(saved: number, total: number): string;
  sent(sent: string, total: string): string;
  keepOpen: string;
  keepInFront: string;
  paused: string;
  unsteady: string;
  offline: string;
  allSaved(count: number): string;
  /** As `allSaved`, once the server has looked at every one. */
  allVerified(count: number): string;
  /** Of this invitation, in whichever session they came. */
  storedHere(stored: number, verified: number): string;
  downloadList: string;
  /** Of what was picked earlier. */
  missing(arrived: number, picked: number): string;
  forgetMissing: string;
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
