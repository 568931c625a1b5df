#include "parser/words.h"

#include <stddef.h>
#include <string.h>
#include <utf8proc.h>

const char *const words_wrote[] = {"wrote", "writes", "said:", "a écrit",
    "écrit", "schrieb", "geschrieben", "escribió", "escribio", "escreveu",
    "ha scritto", "scrisse", "schreef", "geschreven", "skrev", "napisał",
    "napisała", "napsal", "написал", "написала", "пишет", "написав", "пише",
    "写道", "寫道", "のメッセージ", "書きました", "작성", "kirjoitti", "yazdı",
    "írta", "a scris", "έγραψε", "napisao", "kirjutas", "rašė", NULL};

const char *const words_original[] = {"original message",
    "original appointment", "ursprüngliche nachricht", "originalnachricht",
    "originalmeldung", "message d'origine", "message original",
    "mensaje original", "messaggio originale", "mensagem original",
    "oorspronkelijk bericht", "oprindelig meddelelse", "opprinnelig melding",
    "ursprungligt meddelande", "originalmeddelande", "исходное сообщение",
    "wiadomość oryginalna", "oryginalna wiadomość", "původní zpráva",
    "alkuperäinen viesti", "元のメッセージ", "原始邮件", "原始郵件",
    "원본 메시지", "reply message", "reply to message", "previous message",
    "оригинальное сообщение", NULL};

const char *const words_forwarded[] = {"forwarded message", "forwarded by",
    "weitergeleitete nachricht", "message transféré", "mensaje reenviado",
    "messaggio inoltrato", "mensagem encaminhada", "doorgestuurd bericht",
    "videresendt", "vidarebefordrat", "пересылаемое сообщение",
    "wiadomość przekazana", "przekazana wiadomość", "転送", "转发", "轉寄",
    NULL};

const char *const words_begin_forward[] = {"begin forwarded message",
    "anfang der weitergeleiteten", "début du message",
    "inicio del mensaje reenviado", "inizio messaggio inoltrato",
    "início da mensagem", "begin doorgestuurd bericht", "vidarebefordrat brev",
    "start på videresendt", NULL};

const char *const words_from[] = {"from", "von", "de", "da", "van", "fra",
    "från", "od", "от", "від", "expéditeur", "remitente", "lähettäjä", "kimden",
    "发件人", "寄件者", "差出人", "보낸 사람", "feladó", NULL};

const char *const words_labels[] = {"from", "von", "de", "da", "van", "fra",
    "från", "od", "от", "від", "发件人", "寄件者", "差出人", "to", "an", "à",
    "a", "para", "per", "aan", "til", "till", "do", "кому", "收件人", "宛先",
    "cc", "kopie", "kopia", "копия", "抄送", "bcc", "reply-to", "in-reply-to",
    "message-id", "organization", "importance", "attachments", "sent", "date",
    "gesendet", "datum", "envoyé", "enviado", "fecha", "inviato", "data",
    "verzonden", "sendt", "skickat", "wysłano", "dato", "отправлено", "дата",
    "发送时间", "日期", "日付", "enviado el", "enviada em", "received",
    "subject", "betreff", "objet", "asunto", "oggetto", "assunto", "onderwerp",
    "emne", "ämne", "temat", "тема", "主题", "主旨", "件名", NULL};

const char *const words_dated[] = {"sent", "date", "gesendet", "datum",
    "envoyé", "enviado", "fecha", "inviato", "data", "verzonden", "sendt",
    "skickat", "wysłano", "dato", "отправлено", "дата", "发送时间", "日期",
    "日付", "enviado el", "enviada em", "subject", "betreff", "objet", "asunto",
    "oggetto", "assunto", "onderwerp", "emne", "ämne", "temat", "тема", "主题",
    "主旨", "件名", NULL};

const char *const words_sent_from[] = {"sent from my", "sent from mail",
    "sent from outlook", "sent from yahoo", "sent from samsung",
    "sent from proton", "sent from a ", "sent from mobile", "sent from iphone",
    "sent from ipad", "sent from galaxy", "sent from windows",
    "sent from the all", "sent from gmail", "sent from aol",
    "sent from blackberry", "sent using", "sent with ", "sent by outlook",
    "sent via ", "get outlook for", "get bluemail", "get typeapp",
    "von meinem ", "gesendet von", "envoyé de mon", "envoyé depuis",
    "envoyé à partir", "enviado desde", "enviado do meu", "inviato da",
    "verstuurd vanaf", "verzonden vanaf", "skickat från min", "sendt fra min",
    "wysłane z", "отправлено с", "надіслано", "lähetetty",
    "diese nachricht wurde von", "從我的", "verzonden met", "from my iphone",
    "sent by galaxy", "sent from a", "get [outlook", "sent from [mail",
    "auf meinem ", NULL};

const char *const words_closing[] = {"regards", "kind regards",
    "kindest regards", "best regards", "warm regards", "warmest regards",
    "with kind regards", "with best regards", "many regards", "best wishes",
    "with best wishes", "best", "all the best", "yours sincerely",
    "yours faithfully", "sincerely", "sincerely yours", "cheers", "thanks",
    "many thanks", "thank you", "thanks again", "with thanks",
    "thanks and regards", "thanks & regards", "many thanks and kind regards",
    "kr", "rgds", "mit freundlichen grüßen", "cordialement", "saludos", NULL};

const char *const words_contact[] = {"tel", "telephone", "phone", "mobile",
    "mob", "cell", "fax", "email", "e-mail", "mail", "web", "website", "www",
    "direct", "direct line", "direct dial", "office", "switchboard",
    "extension", "ext", "pronouns", "my working days", "working days",
    "working hours", "twitter", "linkedin", NULL};

const char *const words_forward_subject[] = {"fw:", "fwd:", "wg:", "tr:", "rv:",
    "enc:", "i:", "doorst:", "vs:", "vb:", "pd:", "fwd :", NULL};

const char *const words_attribution_start[] = {"on ", "le ", "am ", "el ",
    "il ", "op ", "em ", "den ", "dnia ", "w dniu ", "v ", "at ", "in ",
    "message from ", "quoting ", "citando ", "den ", "na ", "от ", "в ", "a ",
    "dana ", "pe ", "στις ", "mon", "tue", "wed", "thu", "fri", "sat", "sun",
    "пн", "вт", "ср", "чт", "пт", "сб", "вс", "ср,", "lun", "mar", "mer", "gio",
    "ven", "sab", "dom", "在 ", "去 ", "ti ", "ke ", NULL};

/* Lower case of one character; its length in *ret_bytes. */
static utf8proc_int32_t
lower_at(const char *text, size_t *ret_bytes)
{
	utf8proc_int32_t c = (unsigned char)*text;

	if (c < 0x80) {
		*ret_bytes = c != 0;
		return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
	}
	utf8proc_ssize_t n =
	    utf8proc_iterate((const utf8proc_uint8_t *)text, -1, &c);

	if (n <= 0) {
		*ret_bytes = 1;
		return 0xfffd;
	}
	*ret_bytes = (size_t)n;
	return c == 0x2019 ? '\'' : utf8proc_tolower(c);
}

/* Bytes of `text` that `word` covers, 0 if it does not begin with it. */
static size_t
covered(const char *text, const char *word)
{
	const char *p = text;

	while (*word != '\0') {
		size_t a, b;
		utf8proc_int32_t w = lower_at(word, &a);
		if (lower_at(p, &b) != w)
			return 0;
		word += a;
		p += b;
	}
	return (size_t)(p - text);
}

/* Worth a closer look? ASCII letters begin no word that begins with another
 * sign; what is beyond ASCII may have more forms of each case. */
static bool
may_begin(const char *text, const char *word)
{
	unsigned char t = (unsigned char)*text, w = (unsigned char)*word;

	return t >= 0x80 || (t >= 'A' && t <= 'Z' ? t + ('a' - 'A') : t) == w;
}

bool
words_in(const char *const *table, const char *text)
{
	for (; *table != NULL; table++) {
		if (!may_begin(text, *table))
			continue;
		size_t n = covered(text, *table);
		if (n > 0 && text[n] == '\0')
			return true;
	}
	return false;
}

bool
words_start(const char *const *table, const char *text)
{
	for (; *table != NULL; table++)
		if (may_begin(text, *table) && covered(text, *table) > 0)
			return true;
	return false;
}

bool
words_inside(const char *const *table, const char *text)
{
	bool first[128] = {false}; /* ASCII letters that begin a word */

	for (const char *const *word = table; *word != NULL; word++)
		if ((unsigned char)**word < 0x80)
			first[(unsigned char)**word] = true;
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		bool upper = c >= 'A' && c <= 'Z';
		if ((c & 0xc0) == 0x80 ||
		    (c < 0x80 && !first[upper ? c + ('a' - 'A') : c]))
			continue;
		if (words_start(table, text))
			return true;
	}
	return false;
}
