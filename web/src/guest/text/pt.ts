import { numbersOf } from "./numbers.ts";
import type { Text } from "./text.ts";

const { number, percent, counted } = numbersOf<"one" | "other">("pt", "other");
const photos = counted({ one: "# foto", other: "# fotos" });
const saved = counted({ one: "salva", other: "salvas" });
const areSaved = counted({ one: "está salva", other: "estão salvas" });

export const pt: Text = {
  locale: "pt",
  direction: "ltr",
  heading: "Envie suas fotos",
  choosePhotos: "Escolher fotos",
  takePhoto: "Tirar uma foto",
  chooseFolder: "Escolher uma pasta",
  dropHint: "ou arraste fotos e pastas para qualquer lugar desta página",
  dropHere: "Solte suas fotos aqui",
  fullQuality: "Suas fotos são enviadas como são, em qualidade total.",
  needsScript: "Esta página precisa de JavaScript para enviar suas fotos.",
  yourPhotos: "Suas fotos",
  retry: "Tentar de novo",
  retryAll: "Tentar tudo de novo",
  pause: "Pausar",
  resume: "Retomar",
  linkWorksUntil: (date) => `Este link funciona até ${date}.`,
  takesFiles: counted({ one: "Este convite aceita # foto.", other: "Este convite aceita até # fotos." }),
  takesBytes: (size) => `Este convite aceita até ${size} no total.`,
  retryOne: (name) => `Tentar ${name} de novo`,
  cancelOne: (name) => `Não enviar ${name}`,
  takeBack: "Retirar",
  keep: "Manter",
  takeBackOne: (name) => `Retirar ${name}`,
  takeBackQuestion: (name) => `Retirar ${name}? A foto será excluída daqui.`,
  notTakenBack: "Não foi possível retirá-la; tente de novo.",
  notSaved: counted({ one: "Não salvo: # arquivo", other: "Não salvos: # arquivos" }),
  skippedFiles: counted({ one: "Ignorado: # arquivo", other: "Ignorados: # arquivos" }),
  states: { queued: "Aguardando", preparing: "Preparando", saving: "Salvando", saved: "Salva" },
  uploading: (share) => `Enviando, ${percent(share)}`,
  retrying: "Envio interrompido, tentando de novo",
  notSavedYet: (reason) => `Ainda não salvo, tentando de novo: ${reason}`,
  checked: "Salva e verificada",
  alreadyHereOne: "Já estava aqui",
  stop: ". ",
  incomplete: "O arquivo parece incompleto; ele é mantido como está.",
  damaged: "O arquivo parece danificado; ele é mantido como está.",
  unexamined: "Ainda não foi possível verificar o arquivo; ele é mantido como está.",
  failed: (reason) => `Não enviado: ${reason}`,
  rejected: (reason) => `Não aceito: ${reason}`,
  skipped: (reason) => `Ignorado: ${reason}`,
  reasons: {
    not_a_photo: "não é uma foto",
    empty: "o arquivo está vazio",
    unreadable: "não é possível ler o arquivo; talvez ele tenha sido movido, alterado ou excluído",
    file_not_read: "não é possível ler o arquivo; escolha-o de novo",
    folder_not_read: "não foi possível ler uma parte desta pasta; escolha-a de novo",
    changed: "o arquivo mudou durante o envio",
    link_ended: "o link não é mais válido",
    quota_full: "o limite deste convite foi atingido; fale com quem convidou você",
    storage_full: "não há mais espaço para fotos; avise quem enviou o convite",
    outdated: "esta página foi renovada; recarregue-a e escolha as fotos de novo",
    not_loaded: "a página não conseguiu carregar tudo; verifique sua conexão e tente de novo",
    unexpected: "aconteceu algo inesperado",
  },
  rejections: {
    not_an_image: "não é uma foto, seja qual for o nome",
    wrong_hash: "o que chegou não é o que foi enviado; tente de novo",
    too_many_pixels: "a imagem tem pixels demais",
  },
  largerThan: (size) => `tem mais de ${size}`,
  storageRefused: (error) => `o armazenamento recusou o arquivo (${error})`,
  shareFailed: "O que você compartilhou não chegou completo. Escolha as fotos nesta página.",
  reading: "Lendo sua seleção…",
  handingOver: "Preparando suas fotos…",
  alreadyListed: counted({
    one: "# foto já estava na lista.",
    other: "# fotos já estavam na lista.",
  }),
  alreadyHere: counted({
    one: "# foto já estava aqui e não foi enviada de novo.",
    other: "# fotos já estavam aqui e não foram enviadas de novo.",
  }),
  stillChecking: counted({
    one: "# foto ainda está em verificação.",
    other: "# fotos ainda estão em verificação.",
  }),
  placeRemoved: counted({
    one: "O dispositivo retirou o local de # foto. Para mantê-lo, envie-a a partir de um computador.",
    other: "O dispositivo retirou o local de # fotos. Para mantê-lo, envie-as a partir de um computador.",
  }),
  progress: (n, total) => `${photos(n)} de ${number(total)} ${saved(n)}`,
  sent: (sent, total) => `${sent} de ${total} enviados.`,
  keepOpen: "Deixe esta página aberta até que tudo esteja salvo.",
  keepInFront: "Deixe esta página em primeiro plano e a tela ligada até que tudo esteja salvo.",
  paused: "Em pausa. Nada é enviado até você retomar.",
  unsteady: "A conexão está instável. O envio continua sozinho.",
  offline: "Sem conexão. O envio continua sozinho assim que ela voltar.",
  // Zero takes the singular too.
  allSaved: (n) => (n === 1 ? "Sua foto está salva." : `Todas as ${number(n)} fotos estão salvas.`),
  allVerified: (n) =>
    n === 1
      ? "Sua foto está salva com segurança e verificada."
      : `Todas as ${number(n)} fotos estão salvas com segurança e verificadas.`,
  downloadList: "Baixar a lista",
  missing: (arrived, picked) =>
    `Chegaram até agora: ${number(arrived)} de ${photos(picked)}. Escolha as mesmas fotos de novo, em qualquer aparelho: só o que falta é enviado.`,
  forgetMissing: "As outras não são necessárias",
  someSaved: (n, total) => `${photos(n)} de ${number(total)} ${areSaved(n)}.`,
  nothingSaved: "Nenhuma foto foi enviada.",
  couldNotBeSent: counted({
    one: "# arquivo não pôde ser enviado.",
    other: "# arquivos não puderam ser enviados.",
  }),
  notAccepted: counted({ one: "# arquivo não foi aceito.", other: "# arquivos não foram aceitos." }),
  skippedFor: {
    not_a_photo: counted({
      one: "# arquivo não era uma foto e foi ignorado.",
      other: "# arquivos não eram fotos e foram ignorados.",
    }),
    empty: counted({
      one: "# arquivo estava vazio e foi ignorado.",
      other: "# arquivos estavam vazios e foram ignorados.",
    }),
    too_large: counted({
      one: "# arquivo era grande demais e foi ignorado.",
      other: "# arquivos eram grandes demais e foram ignorados.",
    }),
  },
  mayClose: "Você pode fechar esta página ou escolher mais fotos.",
  linkEnded: "Este link não é mais válido.",
  askForLink: "Peça um novo link a quem enviou o convite.",
  titleSending: (n, total) => `${number(n)}/${number(total)} ${saved(n)}`,
  titleDone: counted({ one: "✓ # foto salva", other: "✓ # fotos salvas" }),
  titleTrouble: counted({ one: "⚠ # arquivo não salvo", other: "⚠ # arquivos não salvos" }),
};
