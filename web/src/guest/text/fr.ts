import { numbersOf } from "./numbers.ts";
import type { Text } from "./text.ts";

const { number, percent, counted } = numbersOf<"one" | "other">("fr", "other");
const photos = counted({ one: "# photo", other: "# photos" });
const saved = counted({ one: "enregistrée", other: "enregistrées" });
const areSaved = counted({ one: "est enregistrée", other: "sont enregistrées" });

export const fr: Text = {
  locale: "fr",
  direction: "ltr",
  heading: "Envoyez vos photos",
  choosePhotos: "Choisir des photos",
  takePhoto: "Prendre une photo",
  chooseFolder: "Choisir un dossier",
  dropHint: "ou déposez des photos et des dossiers n’importe où sur cette page",
  dropHere: "Déposez vos photos ici",
  fullQuality: "Vos photos sont envoyées telles quelles, en pleine qualité.",
  needsScript: "Cette page a besoin de JavaScript pour envoyer vos photos.",
  yourPhotos: "Vos photos",
  retry: "Réessayer",
  retryAll: "Tout réessayer",
  pause: "Suspendre",
  resume: "Reprendre",
  linkWorksUntil: (date) => `Ce lien est valable jusqu’au ${date}.`,
  takesFiles: counted({
    one: "Cette invitation accepte # photo.",
    other: "Cette invitation accepte jusqu’à # photos.",
  }),
  takesBytes: (size) => `Cette invitation accepte jusqu’à ${size} au total.`,
  retryOne: (name) => `Réessayer ${name}`,
  cancelOne: (name) => `Ne pas envoyer ${name}`,
  takeBack: "Retirer",
  keep: "Garder",
  takeBackOne: (name) => `Retirer ${name}`,
  takeBackQuestion: (name) => `Retirer ${name}\u00a0? La photo sera supprimée ici.`,
  notTakenBack: "La photo n’a pas pu être retirée\u00a0; veuillez réessayer.",
  notSaved: counted({
    one: "Non enregistré\u00a0: # fichier",
    other: "Non enregistrés\u00a0: # fichiers",
  }),
  skippedFiles: counted({ one: "Ignoré\u00a0: # fichier", other: "Ignorés\u00a0: # fichiers" }),
  states: {
    queued: "En attente",
    preparing: "Préparation",
    saving: "Enregistrement",
    saved: "Photo enregistrée",
  },
  uploading: (share) => `Envoi, ${percent(share)}`,
  retrying: "Envoi interrompu, nouvelle tentative",
  notSavedYet: (reason) => `Pas encore enregistré, nouvelle tentative à suivre\u00a0: ${reason}`,
  checked: "Photo enregistrée et vérifiée",
  alreadyHereOne: "Déjà présente",
  stop: ". ",
  incomplete: "Le fichier semble incomplet\u00a0; il est conservé tel quel.",
  damaged: "Le fichier semble endommagé\u00a0; il est conservé tel quel.",
  unexamined: "Le fichier n’a pas encore pu être vérifié\u00a0; il est conservé tel quel.",
  failed: (reason) => `Non envoyé\u00a0: ${reason}`,
  rejected: (reason) => `Non accepté\u00a0: ${reason}`,
  skipped: (reason) => `Ignoré\u00a0: ${reason}`,
  reasons: {
    not_a_photo: "ce n’est pas une photo",
    empty: "le fichier est vide",
    unreadable: "le fichier est illisible\u00a0; il a peut-être été déplacé, modifié ou supprimé",
    file_not_read: "le fichier est illisible\u00a0; veuillez le choisir à nouveau",
    folder_not_read: "une partie de ce dossier n’a pas pu être lue\u00a0; veuillez le choisir à nouveau",
    changed: "le fichier a changé pendant l’envoi",
    link_ended: "le lien n’est plus valable",
    quota_full: "la limite de cette invitation est atteinte\u00a0; demandez à la personne qui vous a invité",
    storage_full:
      "l’espace de stockage prévu est plein\u00a0; signalez-le à la personne qui vous a envoyé l’invitation",
    outdated: "cette page a été renouvelée\u00a0; veuillez la recharger et choisir à nouveau les photos",
    not_loaded: "la page n’a pas pu tout charger\u00a0; vérifiez votre connexion et réessayez",
    unexpected: "un problème inattendu est survenu",
  },
  rejections: {
    not_an_image: "ce n’est pas une photo, quel que soit son nom",
    wrong_hash: "ce qui est arrivé n’est pas ce qui a été envoyé\u00a0; veuillez réessayer",
    too_many_pixels: "l’image a trop de pixels",
  },
  largerThan: (size) => `plus de ${size}`,
  storageRefused: (error) => `le stockage a refusé le fichier (${error})`,
  shareFailed: "Les photos partagées ne sont pas toutes arrivées ici. Veuillez les choisir sur cette page.",
  reading: "Lecture de votre sélection…",
  handingOver: "Préparation de vos photos…",
  alreadyListed: counted({
    one: "# photo était déjà dans la liste.",
    other: "# photos étaient déjà dans la liste.",
  }),
  alreadyHere: counted({
    one: "# photo était déjà présente et n’a pas été renvoyée.",
    other: "# photos étaient déjà présentes et n’ont pas été renvoyées.",
  }),
  stillChecking: counted({
    one: "# photo est encore en cours de vérification.",
    other: "# photos sont encore en cours de vérification.",
  }),
  placeRemoved: counted({
    one: "Votre appareil a retiré le lieu de # photo. Pour le garder, envoyez-la depuis un ordinateur.",
    other: "Votre appareil a retiré le lieu de # photos. Pour le garder, envoyez-les depuis un ordinateur.",
  }),
  progress: (n, total) => `${photos(n)} sur ${number(total)} ${saved(n)}`,
  sent: (sent, total) => `${sent} sur ${total} envoyés.`,
  keepOpen: "Gardez cette page ouverte jusqu’à ce que tout soit enregistré.",
  keepInFront: "Gardez cette page au premier plan et l’écran allumé jusqu’à ce que tout soit enregistré.",
  paused: "En pause. Rien n’est envoyé avant la reprise.",
  unsteady: "La connexion est instable. L’envoi reprend tout seul.",
  offline: "Vous êtes hors ligne. L’envoi reprendra tout seul dès le retour de la connexion.",
  // Zero takes the singular too.
  allSaved: (n) => (n === 1 ? "Votre photo est enregistrée." : `Les ${photos(n)} ${areSaved(n)}.`),
  allVerified: (n) =>
    n === 1
      ? "Votre photo est bien enregistrée et vérifiée."
      : `Les ${photos(n)} sont bien enregistrées et vérifiées.`,
  storedHere: (stored, verified) =>
    `Photos enregistrées ici\u00a0: ${number(stored)}. Vérifiées\u00a0: ${number(verified)}.`,
  downloadList: "Télécharger la liste",
  missing: (arrived, picked) =>
    `Déjà arrivées\u00a0: ${number(arrived)} sur ${photos(picked)}. Choisissez de nouveau les mêmes photos, sur n’importe quel appareil\u00a0: seules celles qui manquent sont envoyées.`,
  forgetMissing: "Les autres ne sont pas nécessaires",
  someSaved: (n, total) => `${photos(n)} sur ${number(total)} ${areSaved(n)}.`,
  nothingSaved: "Aucune photo n’a été envoyée.",
  couldNotBeSent: counted({
    one: "# fichier n’a pas pu être envoyé.",
    other: "# fichiers n’ont pas pu être envoyés.",
  }),
  notAccepted: counted({
    one: "# fichier n’a pas été accepté.",
    other: "# fichiers n’ont pas été acceptés.",
  }),
  skippedFor: {
    not_a_photo: counted({
      one: "# fichier n’était pas une photo et a été ignoré.",
      other: "# fichiers n’étaient pas des photos et ont été ignorés.",
    }),
    empty: counted({
      one: "# fichier était vide et a été ignoré.",
      other: "# fichiers étaient vides et ont été ignorés.",
    }),
    too_large: counted({
      one: "# fichier était trop volumineux et a été ignoré.",
      other: "# fichiers étaient trop volumineux et ont été ignorés.",
    }),
  },
  mayClose: "Vous pouvez fermer cette page ou choisir d’autres photos.",
  linkEnded: "Ce lien n’est plus valable.",
  askForLink: "Demandez un nouveau lien à la personne qui vous a envoyé l’invitation.",
  titleSending: (n, total) => `${number(n)}/${number(total)} ${saved(n)}`,
  titleDone: counted({ one: "✓ # photo enregistrée", other: "✓ # photos enregistrées" }),
  titleTrouble: counted({
    one: "⚠ # fichier non enregistré",
    other: "⚠ # fichiers non enregistrés",
  }),
};
