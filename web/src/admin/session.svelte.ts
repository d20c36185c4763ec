/// <reference types="svelte" />
import { ApiError } from "./owner-api.ts";

const WRONG_KEY =
  "This key is not the owner's. Take it from the sign-in link, or from the file that the server names.";

/** What of the server a session needs. */
export interface SessionApi {
  signIn(key: string): Promise<void>;
  signOut(): Promise<void>;
  /** Throws an `ApiError` with status 401 for whoever is not signed in. */
  probe(): Promise<unknown>;
}

/** Whether the owner is signed in. The session itself is a cookie that no script can read. */
export class Session {
  state = $state<"unknown" | "signed_in" | "signed_out">("unknown");
  /** Why signing in or out failed. */
  trouble = $state<string>();

  constructor(private readonly api: SessionApi) {}

  /** Opens the session with the sign-in link's key, else takes up the one that the browser holds. */
  async begin(key: string | undefined): Promise<void> {
    if (key !== undefined) {
      await this.signIn(key);
      return;
    }
    await this.attempt(() => this.api.probe());
  }

  async signIn(key: string): Promise<void> {
    await this.attempt(() => this.api.signIn(key.trim()), WRONG_KEY);
  }

  async signOut(): Promise<void> {
    this.trouble = undefined;
    try {
      await this.api.signOut();
      this.state = "signed_out";
    } catch (cause) {
      this.trouble = messageOf(cause);
    }
  }

  /** The server has answered 401: the session is over. */
  readonly lost = (): void => {
    if (this.state === "signed_in") this.trouble = "Your session is over. Please sign in again.";
    this.state = "signed_out";
  };

  private async attempt(work: () => Promise<unknown>, refusal?: string): Promise<void> {
    this.trouble = undefined;
    try {
      await work();
      this.state = "signed_in";
    } catch (cause) {
      this.state = "signed_out";
      this.trouble = cause instanceof ApiError && cause.status === 401 ? refusal : messageOf(cause);
    }
  }
}

/** The key of a sign-in link's fragment, `#key=…`. */
export function keyOf(fragment: string): string | undefined {
  return new URLSearchParams(fragment.replace(/^#/, "")).get("key") ?? undefined;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
