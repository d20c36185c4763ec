import type { Image, Invitation } from "../shared/api.ts";

const LOCALE = "en";
const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365 * 86_400],
  ["month", 30 * 86_400],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

const relative = new Intl.RelativeTimeFormat(LOCALE, { numeric: "always" });
const instant = new Intl.DateTimeFormat(LOCALE, { dateStyle: "long", timeStyle: "short" });
/** A camera's time has no zone: it is shown as the camera showed it. */
const cameraTime = new Intl.DateTimeFormat(LOCALE, {
  dateStyle: "medium",
  timeStyle: "short",
  timeZone: "UTC",
});

/** "in 6 days", "3 hours ago": in the largest unit of which there is at least one. `at` is ISO 8601. */
export function relativeTime(at: string, nowMs: number): string {
  const seconds = (Date.parse(at) - nowMs) / 1000;
  const step = STEPS.find(([, length]) => Math.abs(seconds) >= length);
  if (step === undefined) return seconds > 0 ? "in a moment" : "just now";
  const [unit, length] = step;
  return relative.format(Math.round(seconds / length), unit);
}

export function fullTime(at: string): string {
  return instant.format(new Date(at));
}

export type Standing = "open" | "ended" | "revoked";

export function standingOf({ revoked_at, expires_at }: Invitation, nowMs: number): Standing {
  if (revoked_at !== null) return "revoked";
  return Date.parse(expires_at) > nowMs ? "open" : "ended";
}

/** The point in time that matters for an invitation as it stands, and the words before it. */
export function turningPoint(invitation: Invitation, nowMs: number): { words: string; at: string } {
  if (invitation.revoked_at !== null) return { words: "Revoked", at: invitation.revoked_at };
  const open = standingOf(invitation, nowMs) === "open";
  return { words: open ? "Ends" : "Ended", at: invitation.expires_at };
}

/** What an invitation is called: its title, else whom it is for. */
export function nameOf({ title, email }: Pick<Invitation, "title" | "email">): string {
  return title?.trim() || email;
}

export function photoCount(count: number): string {
  return count === 1 ? "1 photo" : `${new Intl.NumberFormat(LOCALE).format(count)} photos`;
}

/** "Canon EOS 40D · May 30, 2008, 3:56 PM", as far as the photo tells. */
export function cameraLine({ make, model, taken_at }: Pick<Image, "make" | "model" | "taken_at">): string {
  const taken = taken_at === null ? NaN : Date.parse(`${taken_at.slice(0, 19)}Z`);
  const time = Number.isNaN(taken) ? "" : cameraTime.format(taken);
  return [camera(make, model), time].filter((part) => part !== "").join(" · ");
}

/** Many models repeat their maker: "Canon", "Canon EOS 40D"; "NIKON CORPORATION", "NIKON D70". */
function camera(make: string | null, model: string | null): string {
  const [maker, name] = [make?.trim() ?? "", model?.trim() ?? ""];
  const brand = maker.split(" ")[0] ?? "";
  const repeated = brand !== "" && name.toLowerCase().startsWith(brand.toLowerCase());
  return repeated ? name : `${maker} ${name}`.trim();
}

/** "HEIC" of "image/heic", for a photo that the browser cannot show. */
export function typeWord(fileType: string | null): string {
  const subtype = fileType?.split("/")[1] ?? "";
  return subtype.replace(/^x-/, "").toUpperCase();
}
