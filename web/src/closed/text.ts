import type { Language } from "../guest/text/language.ts";

/** What the page of a link that takes no photos says. */
export interface ClosedText {
  title: string;
  missing: string;
  missingWhy: string;
  missingRemedy: string;
  unknown: string;
  unknownWhy: string;
  unknownRemedy: string;
  expired: string;
  expiredWhy: string;
  expiredRemedy: string;
  saved: string;
}

/** Each is a page of its own: no script is there to choose. As on the guest's page, nobody is called a man or a woman. */
export const CLOSED: Record<Language, ClosedText> = {
  en: {
    title: "This link cannot take photos",
    missing: "This link is not complete",
    missingWhy: "A part of the address is missing, so we cannot tell which invitation it belongs to.",
    missingRemedy:
      "Please open the link from your invitation again, the whole of it, or ask the person who invited you to send it once more.",
    unknown: "We do not know this link",
    unknownWhy: "Perhaps a part of it got lost when it was copied.",
    unknownRemedy:
      "Please open the link from your invitation again, the whole of it, or ask the person who invited you for a new one.",
    expired: "This link has ended",
    expiredWhy: "It took photos for a while, and that time is over.",
    expiredRemedy: "If you have more to send, please ask the person who invited you for a new link.",
    saved: "Photos that were saved stay saved.",
  },
  de: {
    title: "Dieser Link nimmt keine Fotos an",
    missing: "Dieser Link ist nicht vollständig",
    missingWhy: "Ein Teil der Adresse fehlt. So lässt sich nicht sagen, zu welcher Einladung er gehört.",
    missingRemedy:
      "Bitte den ganzen Link aus der Einladung noch einmal öffnen oder ihn sich von der einladenden Person noch einmal schicken lassen.",
    unknown: "Dieser Link ist hier nicht bekannt",
    unknownWhy: "Vielleicht ist beim Kopieren ein Teil verloren gegangen.",
    unknownRemedy:
      "Bitte den ganzen Link aus der Einladung noch einmal öffnen oder die einladende Person um einen neuen bitten.",
    expired: "Dieser Link ist abgelaufen",
    expiredWhy: "Er hat eine Zeit lang Fotos angenommen, und diese Zeit ist vorbei.",
    expiredRemedy: "Gibt es noch mehr zu senden, bitte die einladende Person um einen neuen Link bitten.",
    saved: "Gespeicherte Fotos bleiben gespeichert.",
  },
  fr: {
    title: "Ce lien ne reçoit pas de photos",
    missing: "Ce lien n’est pas complet",
    missingWhy:
      "Une partie de l’adresse manque, et nous ne pouvons pas savoir à quelle invitation elle appartient.",
    missingRemedy:
      "Veuillez rouvrir le lien de votre invitation en entier, ou demander à la personne qui vous a invité de vous l’envoyer encore une fois.",
    unknown: "Nous ne connaissons pas ce lien",
    unknownWhy: "Une partie s’est peut-être perdue lors de la copie.",
    unknownRemedy:
      "Veuillez rouvrir le lien de votre invitation en entier, ou en demander un nouveau à la personne qui vous a invité.",
    expired: "Ce lien a expiré",
    expiredWhy: "Il a reçu des photos pendant un certain temps, et ce temps est écoulé.",
    expiredRemedy:
      "Si vous en avez d’autres à envoyer, demandez un nouveau lien à la personne qui vous a invité.",
    saved: "Les photos enregistrées restent enregistrées.",
  },
  es: {
    title: "Este enlace no recibe fotos",
    missing: "Este enlace no está completo",
    missingWhy: "Falta una parte de la dirección y no podemos saber a qué invitación pertenece.",
    missingRemedy:
      "Vuelve a abrir el enlace completo de tu invitación o pide a quien te invitó que te lo envíe otra vez.",
    unknown: "No conocemos este enlace",
    unknownWhy: "Quizá se perdió una parte al copiarlo.",
    unknownRemedy: "Vuelve a abrir el enlace completo de tu invitación o pide uno nuevo a quien te invitó.",
    expired: "Este enlace ha caducado",
    expiredWhy: "Recibió fotos durante un tiempo, y ese tiempo ha terminado.",
    expiredRemedy: "Si tienes más que enviar, pide un enlace nuevo a quien te invitó.",
    saved: "Las fotos guardadas siguen guardadas.",
  },
  pt: {
    title: "Este link não recebe fotos",
    missing: "Este link não está completo",
    missingWhy: "Falta uma parte do endereço, e não é possível saber a qual convite ele pertence.",
    missingRemedy:
      "Abra de novo o link inteiro do seu convite ou peça a quem convidou você que o envie mais uma vez.",
    unknown: "Não conhecemos este link",
    unknownWhy: "Talvez uma parte tenha se perdido ao copiar.",
    unknownRemedy: "Abra de novo o link inteiro do seu convite ou peça um novo a quem convidou você.",
    expired: "Este link expirou",
    expiredWhy: "Ele recebeu fotos por algum tempo, e esse tempo acabou.",
    expiredRemedy: "Se você tem mais para enviar, peça um novo link a quem convidou você.",
    saved: "As fotos salvas continuam salvas.",
  },
  it: {
    title: "Questo link non riceve foto",
    missing: "Questo link non è completo",
    missingWhy: "Manca una parte dell’indirizzo e non possiamo sapere a quale invito appartiene.",
    missingRemedy:
      "Apri di nuovo il link intero del tuo invito, oppure chiedi a chi ti ha invitato di inviarlo ancora una volta.",
    unknown: "Non conosciamo questo link",
    unknownWhy: "Forse una parte è andata persa durante la copia.",
    unknownRemedy:
      "Apri di nuovo il link intero del tuo invito, oppure chiedine uno nuovo a chi ti ha invitato.",
    expired: "Questo link è scaduto",
    expiredWhy: "Ha ricevuto foto per un certo tempo, e quel tempo è finito.",
    expiredRemedy: "Se hai altro da inviare, chiedi un nuovo link a chi ti ha invitato.",
    saved: "Le foto salvate restano salvate.",
  },
  nl: {
    title: "Deze link neemt geen foto’s aan",
    missing: "Deze link is niet volledig",
    missingWhy: "Een deel van het adres ontbreekt, dus is niet te zien bij welke uitnodiging hij hoort.",
    missingRemedy:
      "Open de hele link uit je uitnodiging opnieuw, of vraag wie je heeft uitgenodigd om hem nog eens te sturen.",
    unknown: "We kennen deze link niet",
    unknownWhy: "Misschien is er bij het kopiëren een deel verloren gegaan.",
    unknownRemedy:
      "Open de hele link uit je uitnodiging opnieuw, of vraag een nieuwe aan wie je heeft uitgenodigd.",
    expired: "Deze link is verlopen",
    expiredWhy: "Hij nam een tijd lang foto’s aan, en die tijd is voorbij.",
    expiredRemedy: "Heb je nog meer te versturen, vraag dan een nieuwe link aan wie je heeft uitgenodigd.",
    saved: "Bewaarde foto’s blijven bewaard.",
  },
  pl: {
    title: "Ten link nie przyjmuje zdjęć",
    missing: "Ten link jest niekompletny",
    missingWhy: "Brakuje części adresu i nie wiadomo, do którego zaproszenia należy.",
    missingRemedy:
      "Otwórz jeszcze raz cały link z zaproszenia albo poproś osobę, która Cię zaprosiła, o ponowne przesłanie.",
    unknown: "Nie znamy tego linku",
    unknownWhy: "Być może przy kopiowaniu zgubiła się jego część.",
    unknownRemedy:
      "Otwórz jeszcze raz cały link z zaproszenia albo poproś osobę, która Cię zaprosiła, o nowy.",
    expired: "Ten link wygasł",
    expiredWhy: "Przyjmował zdjęcia przez pewien czas i ten czas minął.",
    expiredRemedy: "Jeśli masz więcej do wysłania, poproś osobę, która Cię zaprosiła, o nowy link.",
    saved: "Zapisane zdjęcia pozostają zapisane.",
  },
  ja: {
    title: "このリンクでは写真を受け付けていません",
    missing: "リンクが不完全です",
    missingWhy: "アドレスの一部が欠けているため、どの招待のものか分かりません。",
    missingRemedy: "招待にあるリンク全体をもう一度開くか、招待した方に再送をお願いしてください。",
    unknown: "このリンクは見つかりません",
    unknownWhy: "コピーしたときに一部が失われたのかもしれません。",
    unknownRemedy: "招待にあるリンク全体をもう一度開くか、招待した方に新しいリンクをお願いしてください。",
    expired: "このリンクは終了しました",
    expiredWhy: "写真の受付期間が終わりました。",
    expiredRemedy: "まだ送る写真がある場合は、招待した方に新しいリンクをお願いしてください。",
    saved: "保存された写真はそのまま保存されています。",
  },
  ar: {
    title: "هذا الرابط لا يستقبل الصور",
    missing: "هذا الرابط غير مكتمل",
    missingWhy: "ينقص جزء من العنوان، فلا يمكن معرفة الدعوة التي ينتمي إليها.",
    missingRemedy: "يُرجى فتح الرابط كاملًا من الدعوة مرة أخرى، أو سؤال من دعاك أن يرسله من جديد.",
    unknown: "هذا الرابط غير معروف",
    unknownWhy: "ربما ضاع جزء منه عند النسخ.",
    unknownRemedy: "يُرجى فتح الرابط كاملًا من الدعوة مرة أخرى، أو سؤال من دعاك عن رابط جديد.",
    expired: "انتهت صلاحية هذا الرابط",
    expiredWhy: "كان يستقبل الصور لفترة، وقد انتهت تلك الفترة.",
    expiredRemedy: "إن كان لديك المزيد لإرساله، فيُرجى سؤال من دعاك عن رابط جديد.",
    saved: "الصور المحفوظة تبقى محفوظة.",
  },
};
