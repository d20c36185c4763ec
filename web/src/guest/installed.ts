import type { Walked } from "./entries.ts";
import { LOST_FRAGMENT, SHARED_FRAGMENT, sharedPhotos } from "./shared-photos.ts";

/** A page of its own on a phone's home screen, for this very link; it opens without a network too. */
export function makeInstallable(): void {
  const manifest = document.createElement("link");
  manifest.rel = "manifest";
  manifest.href = `/api/upload/manifest.webmanifest${location.search}`;
  document.head.append(manifest);
  // Behind everything that the guest waits for. Without it, as on plain HTTP, nothing but the above is missing.
  const register = () =>
    void navigator.serviceWorker?.register("/api/upload/service-worker.js").catch(() => undefined);
  addEventListener("load", register, { once: true });
}

export interface ReceivingParts {
  location: Pick<Location, "hash" | "pathname" | "search">;
  history: Pick<History, "replaceState">;
  /** Absent on plain http in a local network. */
  caches: CacheStorage | undefined;
  take: (walked: Walked) => Promise<void>;
}

/**
 * Takes what other apps have shared with the installed page, now or while it could not take it; false where some of it did
 * not come. What cannot be taken stays for the next time.
 */
export async function receiveShared({ location, history, caches, take }: ReceivingParts): Promise<boolean> {
  const isLost = location.hash === `#${LOST_FRAGMENT}`;
  const isExpected = isLost || location.hash === `#${SHARED_FRAGMENT}`;
  if (caches === undefined) return !isExpected;
  try {
    const { files, letGo } = await sharedPhotos(location.search, caches);
    if (files.length > 0) {
      await take({ found: files.map((file) => ({ file, path: file.name })), unread: [] });
      await letGo();
    }
    if (isExpected) history.replaceState(null, "", location.pathname + location.search);
    return !isExpected || (files.length > 0 && !isLost);
  } catch {
    return !isExpected;
  }
}
