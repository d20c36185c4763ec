import { numbersOf } from "./numbers.ts";
import type { Text } from "./text.ts";

const { number, percent, counted } = numbersOf<"one" | "few" | "many">("pl", "many");

export const pl: Text = {
  locale: "pl",
  direction: "ltr",
  heading: "Wyślij swoje zdjęcia",
  choosePhotos: "Wybierz zdjęcia",
  chooseFolder: "Wybierz folder",
  dropHint: "albo przeciągnij zdjęcia i foldery w dowolne miejsce tej strony",
  dropHere: "Upuść zdjęcia tutaj",
  fullQuality: "Zdjęcia są wysyłane bez zmian, w pełnej jakości.",
  needsScript: "Do wysłania zdjęć ta strona potrzebuje JavaScriptu.",
  yourPhotos: "Twoje zdjęcia",
  retry: "Ponów",
  retryAll: "Ponów wszystkie",
  pause: "Wstrzymaj",
  resume: "Wznów",
  linkWorksUntil: (date) => `Ten link działa do: ${date}.`,
  takesFiles: counted({
    one: "To zaproszenie przyjmuje # zdjęcie.",
    few: "To zaproszenie przyjmuje do # zdjęć.",
    many: "To zaproszenie przyjmuje do # zdjęć.",
  }),
  takesBytes: (size) => `To zaproszenie przyjmuje łącznie do ${size}.`,
  retryOne: (name) => `Ponów ${name}`,
  cancelOne: (name) => `Nie wysyłaj ${name}`,
  takeBack: "Cofnij",
  keep: "Zachowaj",
  takeBackOne: (name) => `Cofnij ${name}`,
  takeBackQuestion: (name) => `Cofnąć ${name}? Zdjęcie zostanie stąd usunięte.`,
  notSaved: counted({
    one: "Nie zapisano: # plik",
    few: "Nie zapisano: # pliki",
    many: "Nie zapisano: # plików",
  }),
  skippedFiles: counted({
    one: "Pominięto: # plik",
    few: "Pominięto: # pliki",
    many: "Pominięto: # plików",
  }),
  states: { queued: "Oczekuje", preparing: "Przygotowanie", saving: "Zapisywanie", saved: "Zapisano" },
  uploading: (share) => `Wysyłanie, ${percent(share)}`,
  retrying: "Przerwano, kolejna próba",
  checked: "Zapisano i sprawdzono",
  alreadyHereOne: "Już tu jest",
  stop: ". ",
  incomplete: "Plik wydaje się niekompletny; zachowujemy go bez zmian.",
  damaged: "Plik wydaje się uszkodzony; zachowujemy go bez zmian.",
  failed: (reason) => `Nie wysłano: ${reason}`,
  rejected: (reason) => `Nie przyjęto: ${reason}`,
  skipped: (reason) => `Pominięto: ${reason}`,
  reasons: {
    not_a_photo: "to nie jest zdjęcie",
    empty: "plik jest pusty",
    unreadable: "nie można odczytać pliku; być może został przeniesiony, zmieniony lub usunięty",
    file_not_read: "nie można odczytać pliku; wybierz go jeszcze raz",
    folder_not_read: "nie udało się odczytać części tego folderu; wybierz go jeszcze raz",
    changed: "plik zmienił się podczas wysyłania",
    link_ended: "link już nie działa",
    quota_full: "osiągnięto limit tego zaproszenia; zapytaj osobę, która Cię zaprosiła",
    storage_full: "zabrakło miejsca na zdjęcia; daj znać osobie, od której pochodzi zaproszenie",
    not_loaded: "strona nie wczytała się w całości; sprawdź połączenie i spróbuj ponownie",
    unexpected: "wystąpił nieoczekiwany problem",
  },
  largerThan: (size) => `rozmiar przekracza ${size}`,
  storageRefused: (error) => `magazyn odrzucił plik (${error})`,
  reading: "Odczytywanie wybranych plików…",
  alreadyListed: counted({
    one: "# zdjęcie było już na liście.",
    few: "# zdjęcia były już na liście.",
    many: "# zdjęć było już na liście.",
  }),
  alreadyHere: counted({
    one: "# zdjęcie już tu było i nie wysłano go ponownie.",
    few: "# zdjęcia już tu były i nie wysłano ich ponownie.",
    many: "# zdjęć już tu było i nie wysłano ich ponownie.",
  }),
  stillChecking: counted({
    one: "# zdjęcie jest jeszcze sprawdzane.",
    few: "# zdjęcia są jeszcze sprawdzane.",
    many: "# zdjęć jest jeszcze sprawdzanych.",
  }),
  progress: (saved, total) => `Zapisano ${number(saved)} z ${ofPhotos(total)}`,
  sent: (sent, total) => `Wysłano ${sent} z ${total}.`,
  keepOpen: "Nie zamykaj tej strony, dopóki wszystko nie będzie zapisane.",
  paused: "Wstrzymano. Nic nie jest wysyłane, dopóki nie wznowisz.",
  unsteady: "Połączenie jest niestabilne. Wysyłanie będzie kontynuowane automatycznie.",
  offline: "Brak połączenia. Gdy wróci, wysyłanie ruszy dalej automatycznie.",
  allSaved: counted({
    one: "Zdjęcie jest zapisane.",
    few: "Wszystkie # zdjęcia są zapisane.",
    many: "Wszystkie zdjęcia (#) są zapisane.",
  }),
  allVerified: counted({
    one: "Zdjęcie jest bezpiecznie zapisane i sprawdzone.",
    few: "Wszystkie # zdjęcia są bezpiecznie zapisane i sprawdzone.",
    many: "Wszystkie zdjęcia (#) są bezpiecznie zapisane i sprawdzone.",
  }),
  downloadList: "Pobierz listę",
  missing: (arrived, picked) =>
    `Dotarło do tej pory: ${number(arrived)} z ${ofPhotos(picked)}. Wybierz te same zdjęcia jeszcze raz, na dowolnym urządzeniu: wysłane zostaną tylko brakujące.`,
  forgetMissing: "Pozostałe nie są potrzebne",
  someSaved: (saved, total) => `Zapisano ${number(saved)} z ${ofPhotos(total)}.`,
  nothingSaved: "Nie wysłano żadnego zdjęcia.",
  couldNotBeSent: counted({
    one: "Nie udało się wysłać # pliku.",
    few: "Nie udało się wysłać # plików.",
    many: "Nie udało się wysłać # plików.",
  }),
  notAccepted: counted({
    one: "Nie przyjęto # pliku.",
    few: "Nie przyjęto # plików.",
    many: "Nie przyjęto # plików.",
  }),
  skippedFor: {
    not_a_photo: counted({
      one: "Pominięto # plik, który nie jest zdjęciem.",
      few: "Pominięto # pliki, które nie są zdjęciami.",
      many: "Pominięto # plików, które nie są zdjęciami.",
    }),
    empty: counted({
      one: "Pominięto # pusty plik.",
      few: "Pominięto # puste pliki.",
      many: "Pominięto # pustych plików.",
    }),
    too_large: counted({
      one: "Pominięto # zbyt duży plik.",
      few: "Pominięto # zbyt duże pliki.",
      many: "Pominięto # zbyt dużych plików.",
    }),
  },
  mayClose: "Możesz zamknąć tę stronę albo wybrać więcej zdjęć.",
  linkEnded: "Ten link już nie działa.",
  askForLink: "Poproś o nowy link osobę, od której pochodzi zaproszenie.",
  titleSending: (saved, total) => `Zapisano ${number(saved)}/${number(total)}`,
  titleDone: counted({
    one: "✓ Zapisano # zdjęcie",
    few: "✓ Zapisano # zdjęcia",
    many: "✓ Zapisano # zdjęć",
  }),
  titleTrouble: counted({
    one: "⚠ Nie zapisano # pliku",
    few: "⚠ Nie zapisano # plików",
    many: "⚠ Nie zapisano # plików",
  }),
};

/** Behind "z", which wants the genitive. */
function ofPhotos(total: number): string {
  return `${number(total)} ${total === 1 ? "zdjęcia" : "zdjęć"}`;
}
