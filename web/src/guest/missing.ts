import type { Picks } from "../shared/api.ts";
import type { Text } from "./text/text.ts";

export interface MissingPlaces {
  section: HTMLElement;
  words: HTMLElement;
  forget: HTMLButtonElement;
}

/** Says what was picked earlier, on this device or another one, and has not arrived. */
export class Missing {
  private standing: Pick<Picks, "picked" | "arrived">;
  private isWanted = true;

  constructor(
    private readonly places: MissingPlaces,
    private readonly token: string,
    standing: Pick<Picks, "picked" | "arrived">,
    private text: Text,
  ) {
    this.standing = standing;
    places.forget.addEventListener("click", () => void this.forget());
    this.show();
  }

  speak(text: Text): void {
    this.text = text;
    this.show();
  }

  /** While photos are on their way their own figures say it better; afterwards the server knows what is still missing. */
  want(isWanted: boolean): void {
    if (this.isWanted === isWanted) return;
    this.isWanted = isWanted;
    this.show();
    if (isWanted) void this.ask();
  }

  private async ask(): Promise<void> {
    const response = await this.call("GET");
    if (!response?.ok) return;
    this.standing = (await response.json()) as Picks;
    this.show();
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
    const { picked, arrived } = this.standing;
    this.places.section.hidden = !this.isWanted || arrived >= picked;
    this.places.words.textContent = this.text.missing(arrived, picked);
  }
}
