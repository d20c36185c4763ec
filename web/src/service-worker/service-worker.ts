import { asset, newestPage } from "./answers.ts";
import { dropOlder, keepShell } from "./builds.ts";
import { Kept } from "./kept.ts";
import { takeShared } from "./shares.ts";

/** Written by the build. */
declare const SHELL_FILES: string[];
declare const OTHER_FILES: string[];
declare const self: ServiceWorkerGlobalScope;

const build = { shell: SHELL_FILES, others: OTHER_FILES };
const SHELL = "shell";
/** The pages of links that were opened here, each under its address. */
const PAGES = "pages";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((shell) => keepShell(shell, build)));
});

self.addEventListener("activate", (event) => {
  const opened = Promise.all([caches.open(SHELL), caches.open(PAGES)]);
  event.waitUntil(opened.then(([shell, pages]) => dropOlder(shell, pages, build)));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  const partsOf = (name: string) => ({
    kept: new Kept(caches, name),
    fetch: (wanted: Request) => fetch(wanted),
    later: (work: Promise<unknown>) => event.waitUntil(work),
  });
  if (request.mode === "navigate" && request.method === "POST")
    event.respondWith(takeShared(request, { caches, now: Date.now() }));
  else if (request.mode === "navigate" && request.method === "GET")
    event.respondWith(newestPage(request, partsOf(PAGES)));
  else if (url.pathname.startsWith("/assets/")) event.respondWith(asset(request, partsOf(SHELL)));
});
