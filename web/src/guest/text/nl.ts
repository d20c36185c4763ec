import { numbersOf } from "./numbers.ts";
import type { Text } from "./text.ts";

const { number, percent, counted } = numbersOf<"one" | "other">("nl", "other");
const photos = counted({ one: "# foto", other: "# foto’s" });

export const nl: Text = {
  locale: "nl",
  direction: "ltr",
  heading: "Stuur je foto’s",
  choosePhotos: "Foto’s kiezen",
  chooseFolder: "Map kiezen",
  dropHint: "of sleep foto’s en mappen naar deze pagina",
  dropHere: "Laat je foto’s hier los",
  fullQuality: "Je foto’s worden verstuurd zoals ze zijn, in volledige kwaliteit.",
  needsScript: "Deze pagina heeft JavaScript nodig om je foto’s te versturen.",
  yourPhotos: "Je foto’s",
  retry: "Opnieuw proberen",
  retryAll: "Alles opnieuw proberen",
  linkWorksUntil: (date) => `Deze link werkt tot ${date}.`,
  retryOne: (name) => `${name} opnieuw proberen`,
  notSaved: counted({ one: "Niet bewaard: # bestand", other: "Niet bewaard: # bestanden" }),
  skippedFiles: counted({ one: "Overgeslagen: # bestand", other: "Overgeslagen: # bestanden" }),
  states: {
    queued: "Wacht",
    preparing: "Wordt voorbereid",
    saving: "Wordt bewaard",
    saved: "Bewaard",
  },
  uploading: (share) => `Wordt verstuurd, ${percent(share)}`,
  retrying: "Onderbroken, wordt opnieuw geprobeerd",
  checked: "Bewaard en gecontroleerd",
  alreadyHereOne: "Was er al",
  stop: ". ",
  incomplete: "Het bestand lijkt onvolledig; het wordt bewaard zoals het is.",
  damaged: "Het bestand lijkt beschadigd; het wordt bewaard zoals het is.",
  failed: (reason) => `Niet verstuurd: ${reason}`,
  rejected: (reason) => `Niet geaccepteerd: ${reason}`,
  skipped: (reason) => `Overgeslagen: ${reason}`,
  reasons: {
    not_a_photo: "geen foto",
    empty: "het bestand is leeg",
    unreadable: "het bestand kan niet worden gelezen; misschien is het verplaatst, gewijzigd of verwijderd",
    file_not_read: "het bestand kan niet worden gelezen; kies het opnieuw",
    folder_not_read: "een deel van deze map kon niet worden gelezen; kies de map opnieuw",
    changed: "het bestand is tijdens het versturen gewijzigd",
    link_ended: "de link werkt niet meer",
    storage_full: "er is geen ruimte meer voor foto’s; laat het weten aan wie je heeft uitgenodigd",
    not_loaded: "de pagina kon niet alles laden; controleer je verbinding en probeer het opnieuw",
    unexpected: "er ging onverwacht iets mis",
  },
  largerThan: (size) => `groter dan ${size}`,
  storageRefused: (error) => `de opslag heeft het bestand geweigerd (${error})`,
  reading: "Je keuze wordt gelezen…",
  alreadyListed: counted({
    one: "# foto stond al in de lijst.",
    other: "# foto’s stonden al in de lijst.",
  }),
  alreadyHere: counted({
    one: "# foto was er al en is niet opnieuw verstuurd.",
    other: "# foto’s waren er al en zijn niet opnieuw verstuurd.",
  }),
  stillChecking: counted({
    one: "# foto wordt nog gecontroleerd.",
    other: "# foto’s worden nog gecontroleerd.",
  }),
  progress: (saved, total) => `${number(saved)} van ${photos(total)} bewaard`,
  sent: (sent, total) => `${sent} van ${total} verstuurd.`,
  keepOpen: "Houd deze pagina open tot alles is bewaard.",
  unsteady: "De verbinding is instabiel. Het versturen gaat vanzelf verder.",
  offline: "Je bent offline. Het versturen gaat vanzelf verder zodra er weer verbinding is.",
  allSaved: counted({ one: "Je foto is bewaard.", other: "Alle # foto’s zijn bewaard." }),
  someSaved: (saved, total) =>
    `${number(saved)} van ${photos(total)} ${saved === 1 ? "is" : "zijn"} bewaard.`,
  nothingSaved: "Er is geen foto verstuurd.",
  couldNotBeSent: counted({
    one: "# bestand kon niet worden verstuurd.",
    other: "# bestanden konden niet worden verstuurd.",
  }),
  notAccepted: counted({
    one: "# bestand is niet geaccepteerd.",
    other: "# bestanden zijn niet geaccepteerd.",
  }),
  skippedFor: {
    not_a_photo: counted({
      one: "# bestand was geen foto en is overgeslagen.",
      other: "# bestanden waren geen foto’s en zijn overgeslagen.",
    }),
    empty: counted({
      one: "# bestand was leeg en is overgeslagen.",
      other: "# bestanden waren leeg en zijn overgeslagen.",
    }),
    too_large: counted({
      one: "# bestand was te groot en is overgeslagen.",
      other: "# bestanden waren te groot en zijn overgeslagen.",
    }),
  },
  mayClose: "Je kunt deze pagina sluiten of meer foto’s kiezen.",
  linkEnded: "Deze link werkt niet meer.",
  askForLink: "Vraag een nieuwe link aan wie je heeft uitgenodigd.",
  titleSending: (saved, total) => `${number(saved)}/${number(total)} bewaard`,
  titleDone: counted({ one: "✓ # foto bewaard", other: "✓ # foto’s bewaard" }),
  titleTrouble: counted({ one: "⚠ # bestand niet bewaard", other: "⚠ # bestanden niet bewaard" }),
};
