import type { Image, Invitation, LocationPolicy } from "../shared/api.ts";

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
const day = new Intl.DateTimeFormat(LOCALE, { month: "short", day: "numeric", timeZone: "UTC" });
const coordinate = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 4 });
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
  return count === 1 ? "1 photo" : `${numberWords(count)} photos`;
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

/** "48.8584° N, 2.2945° E": degrees as map searches take them; empty where the photo does not tell. */
export function placeLine({ latitude, longitude }: Pick<Image, "latitude" | "longitude">): string {
  if (latitude === null || longitude === null) return "";
  const degrees = (value: number, positive: string, negative: string) =>
    `${coordinate.format(Math.abs(value))}° ${value < 0 ? negative : positive}`;
  return `${degrees(latitude, "N", "S")}, ${degrees(longitude, "E", "W")}`;
}

/** In words what the server found wrong with a photo that it keeps. */
export function warningWords(code: string): string {
  return WARNINGS[code] ?? `The server noticed: ${code}.`;
}

const WARNINGS: Record<string, string> = {
  broken_container: "The file is damaged in places.",
  broken_exif: "What the camera wrote into it cannot be read completely.",
  no_dimensions: "Its width and height are not known.",
  location_removed: "The sender’s device removed where it was taken.",
  cut_off: "The file ends too early: its end is missing.",
  preview_partial: "The preview shows only what could be decoded.",
  preview_damaged: "There is no preview: the picture is damaged.",
  preview_unsupported: "There is no preview: pictures of this kind cannot be shown.",
  preview_too_large: "There is no preview: the picture is too large.",
  not_examined: "The server could not examine it; hasty check says why. It is kept as it is.",
};

export const LOCATION_WORDS: Record<LocationPolicy, string> = {
  keep: "Keep as the photo says",
  coarse: "Keep to about a kilometre",
  strip: "Do not store",
};

export function numberWords(count: number): string {
  return new Intl.NumberFormat(LOCALE).format(count);
}

/** "May 17" of "2026-05-17". */
export function dayWords(date: string): string {
  return day.format(new Date(`${date}T00:00:00Z`));
}

/** "HEIC" of "image/heic", for a photo that the browser cannot show. */
export function typeWord(fileType: string | null): string {
  const subtype = fileType?.split("/")[1] ?? "";
  return subtype.replace(/^x-/, "").toUpperCase();
}
