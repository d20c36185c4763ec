import { SHARED_FRAGMENT, takeSharedPhotos } from "./shared-photos.ts";
import type { Walked } from "./entries.ts";

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

/** What another app has shared with the installed page, where that is why it opens. */
export function sharedPhotos(): Promise<Walked> | undefined {
  if (location.hash !== `#${SHARED_FRAGMENT}`) return undefined;
  history.replaceState(null, "", location.pathname + location.search);
  return takeSharedPhotos().then((files) => ({
    found: files.map((file) => ({ file, path: file.name })),
    unread: [],
  }));
}
