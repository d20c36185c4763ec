import type { Picks } from "../shared/api.ts";
import type { Text } from "./text/text.ts";

/** What was given up last has to be forgotten by the server first. */
const SETTLED_MS = 1500;
/** The server looks at a photo within seconds, mostly. */
const CHECKED_MS = 10_000;

export interface MissingPlaces {
  section: HTMLElement;
  words: HTMLElement;
  forget: HTMLButtonElement;
}

type Standing = Omit<Picks, "missing">;

/** Says what was picked earlier, on this device or another one, and has not arrived; and knows what has. */
export class Missing {
  /** Undefined while it is not known. */
  private standing: Standing | undefined;
  private isWanted = true;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** How long to wait before asking how far the server has come. */
  private patienceMs = CHECKED_MS;
  /** Of the question whose answer counts. */
  private asked = 0;

  constructor(
    private readonly places: MissingPlaces,
    private readonly token: string,
    standing: Standing,
    private text: Text,
    /** What is here is known now, or is not what it was. */
    private readonly changed: () => void,
  ) {
    this.standing = standing;
    places.forget.addEventListener("click", () => void this.forget());
    this.show();
    this.askAgain();
  }

  get here(): Pick<Standing, "stored" | "verified"> {
    return this.standing ?? { stored: 0, verified: 0 };
  }

  speak(text: Text): void {
    this.text = text;
    this.show();
  }

  /** While photos are on their way their own figures say it better; afterwards the server knows what is still missing. */
  want(isWanted: boolean): void {
    if (this.isWanted === isWanted) return;
    this.isWanted = isWanted;
    this.asked += 1;
    this.patienceMs = CHECKED_MS;
    clearTimeout(this.timer);
    this.standing = undefined;
    this.show();
    if (isWanted) this.timer = setTimeout(() => void this.ask(), SETTLED_MS);
  }

  /** Finds out where it stands now: a page that was kept on the device tells of an earlier day. */
  async ask(): Promise<void> {
    this.asked += 1;
    const { asked } = this;
    const response = await this.call("GET");
    const standing = response?.ok
      ? ((await response.json().catch(() => undefined)) as Picks | undefined)
      : undefined;
    if (asked !== this.asked) return;
    this.standing = standing ?? this.standing;
    this.show();
    this.changed();
    this.askAgain();
  }

  /** Until everything that is here is verified, and ever more seldom: some of it may never be. */
  private askAgain(): void {
    const { stored, verified } = this.here;
    clearTimeout(this.timer);
    if (!this.isWanted || verified >= stored) return;
    this.timer = setTimeout(() => void this.ask(), this.patienceMs);
    this.patienceMs *= 2;
  }

  private async forget(): Promise<void> {
    this.places.section.hidden = true;
    await this.call("DELETE");
    await this.ask();
  }

  /** What fails here, fails quietly: no photo is lost of it. What was asked for is sent even where the page goes. */
  private call(method: string): Promise<Response | undefined> {
    const headers = { authorization: `Bearer ${this.token}` };
    return fetch("/api/picks/", { method, headers, keepalive: true }).catch(() => undefined);
  }

  private show(): void {
    const { picked, arrived } = this.standing ?? { picked: 0, arrived: 0 };
    this.places.section.hidden = !this.isWanted || arrived >= picked;
    this.places.words.textContent = this.text.missing(arrived, picked);
  }
}
