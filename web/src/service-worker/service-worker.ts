// A script of its own: it shares types with the page, and no code.
import type * as page from "../guest/shared-photos.ts";

/** Written by the build: everything that the guest's page loads, but languages. */
declare const SHELL_FILES: string[];
declare const self: ServiceWorkerGlobalScope;

const SHARED: typeof page.SHARED = "shared";
const SHARED_FRAGMENT: typeof page.SHARED_FRAGMENT = "shared";
const SHELL = "shell";
/** The pages of links that were opened here, each under its address. */
const PAGES = "pages";
/** On bad Wi-Fi a page that has not come by now is not waited for, where one is kept. */
const PATIENCE_MS = 4_000;

self.addEventListener("install", (event) => {
  event.waitUntil(keepShell());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.mode === "navigate" && request.method === "POST") event.respondWith(takeShared(request));
  else if (request.mode === "navigate" && request.method === "GET") event.respondWith(newestPage(event));
  else if (url.pathname.startsWith("/assets/")) event.respondWith(asset(request));
});

/**
 * The names of assets hold a hash of their content: what is kept is right for good. What is not listed belongs to an
 * older build, and so do the pages.
 */
async function keepShell(): Promise<void> {
  const shell = await caches.open(SHELL);
  const kept = new Set((await shell.keys()).map(({ url }) => new URL(url).pathname));
  await shell.addAll(SHELL_FILES.filter((file) => !kept.has(file)));
  const old = [...kept].filter((path) => !SHELL_FILES.includes(path));
  await Promise.all([...old.map((path) => shell.delete(path)), caches.delete(PAGES)]);
}

async function asset(request: Request): Promise<Response> {
  const shell = await caches.open(SHELL);
  const kept = await shell.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await shell.put(request, response.clone());
  return response;
}

/** The newest page where the network gives one; a link that has ended is no longer kept. */
async function newestPage(event: FetchEvent): Promise<Response> {
  const { request } = event;
  const pages = await caches.open(PAGES);
  const kept = await pages.match(request);
  const loading = fetch(request).then(async (response) => {
    if (response.ok) await pages.put(request, response.clone());
    else if (response.status < 500) await pages.delete(request);
    return response;
  });
  event.waitUntil(loading.catch(() => undefined));
  if (!kept) return loading;
  const late = new Promise<Response>((resolve) => setTimeout(resolve, PATIENCE_MS, kept));
  const newest = loading.then((response) => (response.status < 500 ? response : kept));
  return Promise.race([newest.catch(() => kept), late]);
}

/** Photos that another app shares with the installed page: kept until the page, which opens now, takes them. */
async function takeShared(request: Request): Promise<Response> {
  await caches.delete(SHARED);
  const shared = await caches.open(SHARED);
  const photos = (await request.formData()).getAll("photos").filter((value) => value instanceof File);
  await Promise.all(
    photos.map((photo, index) =>
      shared.put(
        `/${index}/${encodeURIComponent(photo.name)}`,
        new Response(photo, { headers: { "content-type": photo.type } }),
      ),
    ),
  );
  const to = new URL(request.url);
  to.hash = SHARED_FRAGMENT;
  return Response.redirect(to.href, 303);
}
