import { numbersOf } from "./numbers.ts";
import type { Text } from "./text.ts";

type Category = "zero" | "one" | "two" | "few" | "many" | "other";
const { number, percent, counted } = numbersOf<Category>("ar", "other");

const photos = counted({
  zero: "# صورة",
  one: "صورة واحدة",
  two: "صورتين",
  few: "# صور",
  many: "# صورة",
  other: "# صورة",
});
/** Behind a verb in the passive: its subject. */
const filesDone = counted({
  zero: "# ملف",
  one: "ملف واحد",
  two: "ملفان",
  few: "# ملفات",
  many: "# ملفًا",
  other: "# ملف",
});
/** Behind a noun or a preposition. */
const ofFiles = counted({
  zero: "# ملف",
  one: "ملف واحد",
  two: "ملفين",
  few: "# ملفات",
  many: "# ملفًا",
  other: "# ملف",
});

/** Speaks in nouns rather than in imperatives, which would say whether a man or a woman is spoken to. */
export const ar: Text = {
  locale: "ar",
  direction: "rtl",
  heading: "إرسال الصور",
  choosePhotos: "اختيار الصور",
  takePhoto: "التقاط صورة",
  chooseFolder: "اختيار مجلد",
  dropHint: "أو سحب الصور والمجلدات وإفلاتها في أي مكان من هذه الصفحة",
  dropHere: "إفلات الصور هنا",
  fullQuality: "تُرسَل الصور كما هي وبجودتها الكاملة.",
  needsScript: "تحتاج هذه الصفحة إلى JavaScript لإرسال الصور.",
  yourPhotos: "الصور المختارة",
  retry: "إعادة المحاولة",
  retryAll: "إعادة محاولة الكل",
  pause: "إيقاف مؤقت",
  resume: "استئناف",
  linkWorksUntil: (date) => `هذا الرابط صالح حتى ${date}.`,
  takesFiles: (n) => `تقبل هذه الدعوة حتى ${photos(n)}.`,
  takesBytes: (size) => `تقبل هذه الدعوة حتى ${size} إجمالًا.`,
  retryOne: (name) => `إعادة محاولة إرسال ${isolated(name)}`,
  cancelOne: (name) => `عدم إرسال ${isolated(name)}`,
  takeBack: "سحب",
  keep: "إبقاء",
  takeBackOne: (name) => `سحب ${isolated(name)}`,
  takeBackQuestion: (name) => `هل تريد سحب ${isolated(name)}؟ ستُحذف الصورة من هنا.`,
  notSaved: (n) => `لم يُحفظ: ${filesDone(n)}`,
  skippedFiles: (n) => `جرى تخطي: ${ofFiles(n)}`,
  states: {
    queued: "في الانتظار",
    preparing: "جارٍ التحضير",
    saving: "جارٍ الحفظ",
    saved: "تم الحفظ",
  },
  uploading: (share) => `جارٍ الإرسال، ${percent(share)}`,
  retrying: "انقطع الإرسال، تجري إعادة المحاولة",
  checked: "تم الحفظ والتحقق",
  alreadyHereOne: "موجودة من قبل",
  stop: ". ",
  incomplete: "يبدو أن الملف غير مكتمل؛ وقد حُفظ كما هو.",
  damaged: "يبدو أن الملف تالف؛ وقد حُفظ كما هو.",
  failed: (reason) => `لم يُرسَل: ${isolated(reason)}`,
  rejected: (reason) => `لم يُقبَل: ${isolated(reason)}`,
  skipped: (reason) => `تم التخطي: ${isolated(reason)}`,
  reasons: {
    not_a_photo: "ليس صورة",
    empty: "الملف فارغ",
    unreadable: "تتعذر قراءة الملف؛ ربما نُقل أو تغيّر أو حُذف",
    file_not_read: "تتعذر قراءة الملف؛ يُرجى اختياره من جديد",
    folder_not_read: "تعذرت قراءة جزء من هذا المجلد؛ يُرجى اختياره من جديد",
    changed: "تغيّر الملف أثناء إرساله",
    link_ended: "انتهت صلاحية الرابط",
    quota_full: "بلغت هذه الدعوة حدها الأقصى؛ يُرجى سؤال من دعاك",
    storage_full: "مساحة التخزين لهذه المناسبة ممتلئة؛ يُرجى إبلاغ من أرسل الدعوة",
    not_loaded: "تعذر على الصفحة تحميل كل ما تحتاج إليه؛ يُرجى التحقق من الاتصال وإعادة المحاولة",
    unexpected: "حدث خطأ غير متوقع",
  },
  largerThan: (size) => `أكبر من ${isolated(size)}`,
  storageRefused: (error) => `رفضته وحدة التخزين (${isolated(error)})`,
  reading: "تجري قراءة ما تم اختياره…",
  handingOver: "يجري تجهيز الصور…",
  alreadyListed: counted({
    zero: "# صورة كانت في القائمة من قبل.",
    one: "صورة واحدة كانت في القائمة من قبل.",
    two: "صورتان كانتا في القائمة من قبل.",
    few: "# صور كانت في القائمة من قبل.",
    many: "# صورة كانت في القائمة من قبل.",
    other: "# صورة كانت في القائمة من قبل.",
  }),
  alreadyHere: counted({
    zero: "# صورة كانت موجودة من قبل ولم تُرسَل مجددًا.",
    one: "صورة واحدة كانت موجودة من قبل ولم تُرسَل مجددًا.",
    two: "صورتان كانتا موجودتين من قبل ولم تُرسَلا مجددًا.",
    few: "# صور كانت موجودة من قبل ولم تُرسَل مجددًا.",
    many: "# صورة كانت موجودة من قبل ولم تُرسَل مجددًا.",
    other: "# صورة كانت موجودة من قبل ولم تُرسَل مجددًا.",
  }),
  stillChecking: (n) => `ما زال التحقق جاريًا من ${photos(n)}.`,
  progress: (saved, total) => `تم حفظ ${number(saved)} من أصل ${photos(total)}`,
  sent: (sent, total) => `تم إرسال ${isolated(sent)} من أصل ${isolated(total)}.`,
  keepOpen: "يُرجى إبقاء هذه الصفحة مفتوحة حتى يُحفظ كل شيء.",
  keepInFront: "يُرجى إبقاء هذه الصفحة ظاهرة والشاشة مضاءة حتى يُحفظ كل شيء.",
  paused: "متوقف مؤقتًا. لن يُرسل شيء حتى الاستئناف.",
  unsteady: "الاتصال غير مستقر. سيتواصل الإرسال تلقائيًا.",
  offline: "لا يوجد اتصال بالإنترنت. سيتواصل الإرسال تلقائيًا فور عودة الاتصال.",
  allSaved: counted({
    zero: "تم حفظ الصور كلها (#).",
    one: "تم حفظ الصورة.",
    two: "تم حفظ الصورتين.",
    few: "تم حفظ الصور كلها (#).",
    many: "تم حفظ الصور كلها (#).",
    other: "تم حفظ الصور كلها (#).",
  }),
  allVerified: counted({
    zero: "حُفظت الصور كلها (#) بأمان وتم التحقق منها.",
    one: "حُفظت الصورة بأمان وتم التحقق منها.",
    two: "حُفظت الصورتان بأمان وتم التحقق منهما.",
    few: "حُفظت الصور كلها (#) بأمان وتم التحقق منها.",
    many: "حُفظت الصور كلها (#) بأمان وتم التحقق منها.",
    other: "حُفظت الصور كلها (#) بأمان وتم التحقق منها.",
  }),
  downloadList: "تنزيل القائمة",
  missing: (arrived, picked) =>
    `وصل حتى الآن: ${number(arrived)} من أصل ${photos(picked)}. اختر الصور نفسها مرة أخرى، من أي جهاز: لن يُرسَل إلا ما ينقص.`,
  forgetMissing: "لا حاجة إلى البقية",
  someSaved: (saved, total) => `تم حفظ ${number(saved)} من أصل ${photos(total)}.`,
  nothingSaved: "لم تُرسَل أي صورة.",
  couldNotBeSent: (n) => `تعذر إرسال ${ofFiles(n)}.`,
  notAccepted: (n) => `لم يُقبَل ${filesDone(n)}.`,
  skippedFor: {
    not_a_photo: (n) => `تم تخطي ${ofFiles(n)} لأن المحتوى ليس صورًا.`,
    empty: (n) => `تم تخطي ${ofFiles(n)} بلا محتوى.`,
    too_large: (n) => `تم تخطي ${ofFiles(n)} بسبب كبر الحجم.`,
  },
  mayClose: "يمكن الآن إغلاق هذه الصفحة أو اختيار المزيد من الصور.",
  linkEnded: "انتهت صلاحية هذا الرابط.",
  askForLink: "يُرجى طلب رابط جديد ممن أرسل الدعوة.",
  titleSending: (saved, total) => `تم حفظ ${number(saved)} من ${number(total)}`,
  titleDone: (n) => `✓ تم حفظ ${photos(n)}`,
  titleTrouble: (n) => `⚠ لم يُحفظ ${filesDone(n)}`,
};

/** Keeps what may be written from left to right, such as a name or the server's sentence, from mixing with what is around it. */
function isolated(words: string): string {
  return `\u2068${words}\u2069`;
}
