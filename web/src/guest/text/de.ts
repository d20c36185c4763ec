import { numbersOf } from "./numbers.ts";
import type { Text } from "./text.ts";

const { number, percent, counted } = numbersOf<"one" | "other">("de", "other");
const ofPhotos = counted({ one: "# Foto", other: "# Fotos" });

/** Says neither "du" nor "Sie": guests of one occasion are used to both. */
export const de: Text = {
  locale: "de",
  direction: "ltr",
  heading: "Fotos senden",
  choosePhotos: "Fotos auswählen",
  takePhoto: "Foto aufnehmen",
  chooseFolder: "Ordner auswählen",
  dropHint: "oder Fotos und Ordner auf diese Seite ziehen",
  dropHere: "Fotos hier ablegen",
  fullQuality: "Alle Fotos werden unverändert und in voller Qualität gesendet.",
  needsScript: "Zum Senden der Fotos braucht diese Seite JavaScript.",
  yourPhotos: "Ausgewählte Fotos",
  retry: "Erneut versuchen",
  retryAll: "Alle erneut versuchen",
  pause: "Anhalten",
  resume: "Fortsetzen",
  linkWorksUntil: (date) => `Dieser Link ist bis ${date} gültig.`,
  takesFiles: counted({
    one: "Diese Einladung nimmt # Foto an.",
    other: "Diese Einladung nimmt bis zu # Fotos an.",
  }),
  takesBytes: (size) => `Diese Einladung nimmt insgesamt bis zu ${size} an.`,
  retryOne: (name) => `${name} erneut versuchen`,
  cancelOne: (name) => `${name} nicht senden`,
  takeBack: "Zurücknehmen",
  keep: "Behalten",
  takeBackOne: (name) => `${name} zurücknehmen`,
  takeBackQuestion: (name) => `${name} zurücknehmen? Das Foto wird hier gelöscht.`,
  notTakenBack: "Das Zurücknehmen ist nicht gelungen; bitte noch einmal versuchen.",
  notSaved: counted({ one: "Nicht gespeichert: # Datei", other: "Nicht gespeichert: # Dateien" }),
  skippedFiles: counted({ one: "Übersprungen: # Datei", other: "Übersprungen: # Dateien" }),
  states: {
    queued: "Wartet",
    preparing: "Wird vorbereitet",
    saving: "Wird gespeichert",
    saved: "Gespeichert",
  },
  uploading: (share) => `Wird gesendet, ${percent(share)}`,
  retrying: "Unterbrochen, neuer Versuch läuft",
  notSavedYet: (reason) => `Noch nicht gespeichert, neuer Versuch folgt: ${reason}`,
  checked: "Gespeichert und geprüft",
  alreadyHereOne: "Schon vorhanden",
  stop: ". ",
  incomplete: "Die Datei ist anscheinend unvollständig; sie wird so aufbewahrt, wie sie ist.",
  damaged: "Die Datei ist anscheinend beschädigt; sie wird so aufbewahrt, wie sie ist.",
  unexamined: "Die Datei konnte noch nicht geprüft werden; sie wird so aufbewahrt, wie sie ist.",
  failed: (reason) => `Nicht gesendet: ${reason}`,
  rejected: (reason) => `Nicht angenommen: ${reason}`,
  skipped: (reason) => `Übersprungen: ${reason}`,
  reasons: {
    not_a_photo: "kein Foto",
    empty: "die Datei ist leer",
    unreadable: "die Datei lässt sich nicht lesen; vielleicht wurde sie verschoben, verändert oder gelöscht",
    file_not_read: "die Datei lässt sich nicht lesen; bitte noch einmal auswählen",
    folder_not_read: "ein Teil dieses Ordners ließ sich nicht lesen; bitte noch einmal auswählen",
    changed: "die Datei hat sich während des Sendens verändert",
    link_ended: "der Link ist abgelaufen",
    quota_full: "die Grenze dieser Einladung ist erreicht; bitte bei der einladenden Person nachfragen",
    storage_full:
      "der Speicherplatz für diesen Anlass ist voll; bitte dort nachfragen, wo die Einladung herkam",
    outdated: "diese Seite wurde erneuert; bitte neu laden und die Fotos noch einmal auswählen",
    not_loaded:
      "die Seite konnte nicht alles laden, was sie braucht; bitte die Verbindung prüfen und erneut versuchen",
    unexpected: "etwas Unerwartetes ist schiefgegangen",
  },
  rejections: {
    not_an_image: "kein Foto, wie auch immer die Datei heißt",
    wrong_hash: "angekommen ist etwas anderes, als gesendet wurde; bitte erneut versuchen",
    too_many_pixels: "das Bild hat zu viele Pixel",
  },
  largerThan: (size) => `größer als ${size}`,
  storageRefused: (error) => `der Speicher hat die Datei abgelehnt (${error})`,
  shareFailed:
    "Die geteilten Fotos sind hier nicht vollständig angekommen. Bitte auf dieser Seite auswählen.",
  reading: "Die Auswahl wird gelesen …",
  handingOver: "Die Fotos werden vorbereitet …",
  alreadyListed: counted({
    one: "# Foto war schon in der Liste.",
    other: "# Fotos waren schon in der Liste.",
  }),
  alreadyHere: counted({
    one: "# Foto war schon vorhanden und wurde nicht noch einmal gesendet.",
    other: "# Fotos waren schon vorhanden und wurden nicht noch einmal gesendet.",
  }),
  stillChecking: counted({ one: "# Foto wird noch geprüft.", other: "# Fotos werden noch geprüft." }),
  placeRemoved: counted({
    one: "Das Gerät hat bei # Foto den Aufnahmeort entfernt. Von einem Computer gesendet bleibt er erhalten.",
    other:
      "Das Gerät hat bei # Fotos den Aufnahmeort entfernt. Von einem Computer gesendet bleibt er erhalten.",
  }),
  progress: (saved, total) => `${number(saved)} von ${ofPhotos(total)} gespeichert`,
  sent: (sent, total) => `${sent} von ${total} gesendet.`,
  keepOpen: "Diese Seite bitte geöffnet lassen, bis alles gespeichert ist.",
  keepInFront:
    "Diese Seite bitte im Vordergrund und den Bildschirm eingeschaltet lassen, bis alles gespeichert ist.",
  paused: "Angehalten. Bis zum Fortsetzen wird nichts gesendet.",
  unsteady: "Die Verbindung ist instabil. Das Senden geht von selbst weiter.",
  offline: "Keine Internetverbindung. Sobald sie wieder da ist, geht das Senden von selbst weiter.",
  allSaved: counted({ one: "Das Foto ist gespeichert.", other: "Alle # Fotos sind gespeichert." }),
  allVerified: counted({
    one: "Das Foto ist sicher gespeichert und geprüft.",
    other: "Alle # Fotos sind sicher gespeichert und geprüft.",
  }),
  storedHere: (stored, verified) =>
    `Hier gespeicherte Fotos: ${number(stored)}. Davon geprüft: ${number(verified)}.`,
  downloadList: "Liste herunterladen",
  missing: (arrived, picked) =>
    `Bisher angekommen: ${number(arrived)} von ${ofPhotos(picked)}. Einfach dieselben Fotos noch einmal auswählen, auf irgendeinem Gerät: Gesendet wird nur, was fehlt.`,
  forgetMissing: "Die anderen werden nicht gebraucht",
  someSaved: (saved, total) =>
    `${number(saved)} von ${ofPhotos(total)} ${saved === 1 || total === 1 ? "ist" : "sind"} gespeichert.`,
  nothingSaved: "Es wurde kein Foto gesendet.",
  couldNotBeSent: counted({
    one: "# Datei konnte nicht gesendet werden.",
    other: "# Dateien konnten nicht gesendet werden.",
  }),
  notAccepted: counted({
    one: "# Datei wurde nicht angenommen.",
    other: "# Dateien wurden nicht angenommen.",
  }),
  skippedFor: {
    not_a_photo: counted({
      one: "# Datei war kein Foto und wurde übersprungen.",
      other: "# Dateien waren keine Fotos und wurden übersprungen.",
    }),
    empty: counted({
      one: "# Datei war leer und wurde übersprungen.",
      other: "# Dateien waren leer und wurden übersprungen.",
    }),
    too_large: counted({
      one: "# Datei war zu groß und wurde übersprungen.",
      other: "# Dateien waren zu groß und wurden übersprungen.",
    }),
  },
  mayClose: "Diese Seite kann jetzt geschlossen werden, oder es geht mit weiteren Fotos weiter.",
  linkEnded: "Dieser Link ist abgelaufen.",
  askForLink: "Einen neuen Link gibt es dort, wo die Einladung herkam.",
  titleSending: (saved, total) => `${number(saved)}/${number(total)} gespeichert`,
  titleDone: counted({ one: "✓ # Foto gespeichert", other: "✓ # Fotos gespeichert" }),
  titleTrouble: counted({ one: "⚠ # Datei nicht gespeichert", other: "⚠ # Dateien nicht gespeichert" }),
};
