import type { GuestInvitation } from "../shared/api.ts";
import type { Text } from "./text/text.ts";
import { limitsInWords } from "./text/words.ts";

export interface InvitationPlaces {
  title: HTMLElement;
  message: HTMLElement;
  expiry: HTMLElement;
  /** How much the invitation takes. */
  quota: HTMLElement;
}

/** What the server wrote into the page. */
export function readInvitation(script: HTMLElement): GuestInvitation {
  return JSON.parse(script.textContent ?? "") as GuestInvitation;
}

/** The owner's words, as text and never as markup. */
export function showInvitation(invitation: GuestInvitation, places: InvitationPlaces, text: Text): void {
  if (invitation.title) places.title.textContent = invitation.title;
  places.message.textContent = invitation.message;
  places.message.hidden = !invitation.message;
  const format = new Intl.DateTimeFormat(localeOfGuest(text.locale), {
    dateStyle: "long",
    timeStyle: "short",
    // Digits of one kind on one page, whichever the guest's country writes.
    numberingSystem: new Intl.NumberFormat(text.locale).resolvedOptions().numberingSystem,
  });
  places.expiry.textContent = text.linkWorksUntil(format.format(new Date(invitation.expires_at)));
  places.expiry.hidden = false;
  const limits = limitsInWords({ maxFiles: invitation.max_files, maxBytes: invitation.max_bytes }, text);
  places.quota.textContent = limits.join(" ");
  places.quota.hidden = limits.length === 0;
}

/** The guest's own form of the page's language: a Briton's dates are not an American's. */
function localeOfGuest(language: string): string {
  return navigator.languages.find((locale) => locale.split("-")[0] === language) ?? language;
}
