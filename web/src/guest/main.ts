import { EngineClient } from "./engine-client.ts";
import workerUrl from "./engine/worker.ts?worker&url";
import type { ConnectionState, FromEngine, Picked, Report } from "./engine/messages.ts";
import type { Found, Walked } from "./entries.ts";
import { watchHandover } from "./handover.ts";
import { makeInstallable, receiveShared } from "./installed.ts";
import { readInvitation, showInvitation } from "./invitation.ts";
import { Missing } from "./missing.ts";
import { PhotoList } from "./photo-list.ts";
import { listenForPicks } from "./picks.ts";
import { Previews } from "./previews.ts";
import { setText } from "./set-text.ts";
import { Backlog, inSlices, pageTasks } from "./slices.ts";
import { type Phase, phaseOf, type Situation, summarise } from "./summary.ts";
import { SummaryView } from "./summary-view.ts";
import { en } from "./text/en.ts";
import { dictionaryFor } from "./text/language.ts";
import type { Text } from "./text/text.ts";
import { fillIn } from "./text/words.ts";
import { WakeLock } from "./wake-lock.ts";

/** Behind all that the page itself needs. */
const AHEAD_AFTER_MS = 1000;
const REFRESH_MS = 100;
/** The list of what has arrived is offered once nothing is under way, and while the link opens it. */
const HAS_RECEIPT = new Set<Phase>(["stored", "done", "trouble"]);

const element = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;

// Asked for first, and waited for by nothing: whatever is picked meanwhile is listed in English and put into words again.
const dictionary = dictionaryFor(navigator.languages);
const invitation = readInvitation(element("invitation"));
const token = new URLSearchParams(location.search).get("access_token") ?? "";
const engine = new EngineClient(
  // A worker obeys the policy that its script came with, and scripts are kept for good.
  `${workerUrl}?${invitation.policy}`,
  {
    type: "start",
    token,
    maxFileBytes: invitation.max_file_bytes,
    lastEvent: invitation.last_event,
  },
  hear,
);
const list = new PhotoList({
  template: element<HTMLTemplateElement>("row"),
  list: element("photo-list"),
  failedList: element("failed-list"),
  skippedList: element("skipped-list"),
  previews: new Previews(),
  text: en,
  tasks: pageTasks,
  retry: (id) => {
    list.passOn(id, "retry");
    retry([id]);
  },
  cancel,
  takeBack,
  settle: refresh,
  // The headline goes with the last row.
  loseFocus: () => element(element("headline").hidden ? "pick" : "headline").focus(),
});
/** Whatever changes thousands of rows at once does so a few at a time, in the order in which it happened. */
const backlog = new Backlog<Report>((report) => list.update(report), refresh, pageTasks);
const summaryView = new SummaryView(
  {
    section: element("progress"),
    headline: element("headline"),
    detail: element("detail"),
    total: element<HTMLProgressElement>("total"),
    spoken: element("spoken"),
  },
  () => summarise(situation(), text),
);

const missing = new Missing(
  { section: element("missing"), words: element("missing-words"), forget: element("forget") },
  token,
  invitation,
  en,
  refresh,
);
const wakeLock = new WakeLock(document, navigator.wakeLock);
/** Whoever has no mouse has a device that stops sending once the page is not in front. */
const isPhone = matchMedia("(pointer: coarse)").matches;

let text: Text = en;
let phase: Phase = "idle";
let refreshTimer: ReturnType<typeof setTimeout> | undefined;
let connection: ConnectionState = "steady";
let linkEnded = false;
let paused = false;
let alreadyListed = 0;
/** The picker is closed, and what was chosen in it has not come yet. */
let handingOver = false;
/** Picks that are still being walked or listed. */
let readings = 0;

introduce();
refresh();
void dictionary.then((loaded) => loaded && speak(loaded));
element("folder-choice").hidden = !("webkitdirectory" in HTMLInputElement.prototype);
element("retry-all").addEventListener("click", () => {
  retry(list.failed());
  element("headline").focus();
});
element<HTMLAnchorElement>("receipt").href = `/api/images.csv?access_token=${encodeURIComponent(token)}`;
element("pause").addEventListener("click", () => pause(!paused));
listenForPicks(
  {
    photos: element<HTMLInputElement>("pick"),
    camera: element<HTMLInputElement>("take"),
    folder: element<HTMLInputElement>("pick-folder"),
    dropTarget: element("drop-target"),
  },
  { picked: (walked) => void reading(take(walked)), reading: (walk) => void reading(walk) },
);
watchHandover(
  ["pick", "take", "pick-folder"].map((id) => element<HTMLInputElement>(id)),
  { window, document },
  (isOn) => {
    handingOver = isOn;
    refresh();
  },
);

makeInstallable();
const deviceCaches = "caches" in window ? caches : undefined;
void receiveShared({ location, history, caches: deviceCaches, take: (walked) => reading(take(walked)) }).then(
  (isWhole) => {
    element("share-failed").hidden = isWhole;
  },
);
addEventListener("load", () => setTimeout(() => void engine.fetchAhead(), AHEAD_AFTER_MS), { once: true });

// The page may have been kept on the device, and be of an earlier day.
if (navigator.serviceWorker?.controller) void missing.ask();

addEventListener("online", () => engine.wake());
addEventListener("offline", refresh);

/** What the owner says of this invitation, among the page's own words. */
function introduce(): void {
  const places = {
    title: element("title"),
    message: element("message"),
    expiry: element("expiry"),
    quota: element("quota"),
  };
  showInvitation(invitation, places, text);
}

/** Turns the whole page to another language. */
function speak(language: Text): void {
  text = language;
  document.documentElement.lang = text.locale;
  document.documentElement.dir = text.direction;
  fillIn(document, text);
  introduce();
  void list.speak(text);
  missing.speak(text);
  refresh();
}

async function reading(work: Promise<unknown>): Promise<void> {
  readings += 1;
  refresh();
  try {
    await work;
  } finally {
    readings -= 1;
    refresh();
  }
}

/** Lists what was picked and hands it to the engine, slice by slice. Files of one pick are never taken for the same. */
async function take({ found, unread }: Walked): Promise<void> {
  if (linkEnded) return;
  list.replaceUnread(found);
  list.addUnread(unread);
  alreadyListed = 0;
  const listedBefore = list.nextId;
  let files: Picked[] = [];
  const listOne = ({ file, path }: Found) => {
    const one = { file, path, sizeBytes: file.size };
    if (list.has(one, listedBefore)) alreadyListed += 1;
    else files.push({ id: list.add(one), file, sizeBytes: one.sizeBytes });
  };
  const handOn = () => {
    engine.send({ type: "add", files });
    files = [];
    refreshSoon();
  };
  await inSlices(found, listOne, handOn, pageTasks);
}

function retry(ids: number[]): void {
  backlog.add(ids.map((id) => ({ id, state: "queued" })));
  engine.send({ type: "retry", ids });
}

function cancel(id: number): void {
  // The button goes with its row.
  list.passOn(id, "cancel");
  engine.send({ type: "cancel", ids: [id] });
}

/** Deletes what has arrived: the only thing on this page that asks whether it is meant. */
function takeBack(id: number, name: string): void {
  const dialog = element<HTMLDialogElement>("take-back");
  element("take-back-question").textContent = text.takeBackQuestion(name);
  dialog.returnValue = "";
  dialog.onclose = () => {
    if (dialog.returnValue === "yes") cancel(id);
  };
  dialog.showModal();
}

function pause(now: boolean): void {
  paused = now;
  engine.send({ type: "pause", paused });
  refresh();
}

function hear(message: FromEngine): void {
  if (message.type === "reports") return backlog.add(message.reports);
  if (message.type === "connection") connection = message.state;
  if (message.type === "link_ended") {
    linkEnded = true;
    element("picker").hidden = true;
  }
  refresh();
}

function situation(): Situation {
  return {
    tally: list.tally,
    here: missing.here,
    connection,
    online: navigator.onLine,
    reading: readings > 0,
    handingOver,
    alreadyListed,
    linkEnded,
    paused,
    keepInFront: isPhone || wakeLock.isRefused,
  };
}

/** For what happens all the time: at once only where the phase changes. */
function refreshSoon(): void {
  if (phaseOf(situation()) !== phase) refresh();
  else refreshTimer ??= setTimeout(refresh, REFRESH_MS);
}

/** Brings everything that sums up in line with the list. */
function refresh(): void {
  clearTimeout(refreshTimer);
  refreshTimer = undefined;
  const { tally } = list;
  const before = phase;
  const focused = document.activeElement;
  phase = phaseOf(situation());
  summaryView.show(phase, tally);
  const left = tally.failed + [...tally.skipped.values()].reduce((sum, count) => sum + count, 0);
  element("attention").hidden = left === 0;
  element("attention").toggleAttribute("data-failed", tally.failed > 0);
  setText(element("attention-heading"), tally.failed > 0 ? text.notSaved(left) : text.skippedFiles(left));
  element("retry-all").hidden = tally.retriable < 2 || linkEnded;
  element("photos").hidden = tally.total === tally.failed;
  const isUnderWay = tally.pending > 0 && !linkEnded;
  element("pause").hidden = !isUnderWay;
  setText(element("pause"), paused ? text.resume : text.pause);
  element("receipt").hidden = !HAS_RECEIPT.has(phase) || tally.saved + missing.here.stored === 0;
  missing.want(!isUnderWay && readings === 0 && !linkEnded);
  window.onbeforeunload = isUnderWay ? (event) => event.preventDefault() : null;
  wakeLock.keep(isUnderWay && !paused);
  // What was taken back is here no more.
  const isEmpty = phase === "idle" || phase === "stored";
  if (isEmpty && (before === "done" || before === "trouble")) void missing.ask();
  // Who leaves the picker with nothing stays where they are.
  if (phase !== before && before !== "handing_over") moveFocus(phase);
  // The headline goes with the last row.
  if (phase === "idle" && focused === element("headline")) element("pick").focus();
}

/** At the end whoever cannot see the page stands where it says how it went. */
function moveFocus(to: Phase): void {
  if (to === "done" || to === "ended") element("headline").focus();
  if (to === "trouble") element("attention-heading").focus();
}
